package arrowio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

const benchRows, benchFrame = 1_000_000, 65_536

// BenchmarkDecode decodes nine columns, of every kind, on one core.
func BenchmarkDecode(b *testing.B) {
	for _, options := range []Options{{}, {Dictionaries: true}, {Format: File}, {Format: File, Compression: LZ4}, {Format: File, Compression: Zstd}} {
		b.Run(fmt.Sprintf("format=%d/compression=%d/dictionaries=%v", options.Format, options.Compression, options.Dictionaries), func(b *testing.B) {
			var out bytes.Buffer
			frame := someFrame(0, benchFrame)
			w, err := NewWriter(&out, fieldsIn(frame), options)
			if err != nil {
				b.Fatal(err)
			}
			for at := 0; at < benchRows; at += benchFrame {
				if err := w.Write(frame); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(out.Len()))
			rows := int64(0)
			for b.Loop() {
				rows += decodeAll(b, out.Bytes())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
		})
	}
}

func decodeAll(b *testing.B, data []byte) int64 {
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), "a.arrow")
	if err != nil {
		b.Fatal(err)
	}
	selectAll(b, r)
	var frame datasets.Frame
	rows := int64(0)
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err == nil {
			err = part.Decode(&frame)
		}
		if err != nil {
			b.Fatal(err)
		}
		rows += int64(frame.Rows)
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, options := range []Options{{}, {Dictionaries: true}, {Compression: Zstd}} {
		b.Run(fmt.Sprintf("compression=%d/dictionaries=%v", options.Compression, options.Dictionaries), func(b *testing.B) {
			frame := someFrame(0, benchFrame)
			b.ReportAllocs()
			rows := int64(0)
			w, err := NewWriter(io.Discard, fieldsIn(frame), options)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := w.Write(frame); err != nil {
					b.Fatal(err)
				}
				rows += benchFrame
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
		})
	}
}
