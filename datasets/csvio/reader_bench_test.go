package csvio

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// orders returns rows of about 60 bytes and six fields, each perhaps in quotes.
func orders(rows int, quoted bool) []byte {
	rng := rand.New(rand.NewPCG(7, 0))
	var b bytes.Buffer
	b.WriteString("customer,order,product,time,quantity,price\n")
	format := "C%08d,%d,SKU-%05d,2011-%02d-%02d %02d:%02d:00,%d,%d.%02d\n"
	if quoted {
		format = "\"C%08d\",\"%d\",\"SKU-%05d\",\"2011-%02d-%02d %02d:%02d:00\",\"%d\",\"%d.%02d\"\n"
	}
	for i := range rows {
		fmt.Fprintf(&b, format, rng.IntN(1e7), 536365+i, rng.IntN(20000), 1+rng.IntN(12), 1+rng.IntN(28),
			rng.IntN(24), rng.IntN(60), 1+rng.IntN(40), rng.IntN(200), rng.IntN(100))
	}
	return b.Bytes()
}

func BenchmarkRead(b *testing.B) {
	const rows = 400_000
	for _, quoted := range []bool{false, true} {
		data := orders(rows, quoted)
		per := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
			b.SetBytes(int64(len(data)))
		}
		b.Run(fmt.Sprintf("reader=csvio/quoted=%t", quoted), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				readAll(b, data, DefaultOptions(), rows)
			}
			per(b)
		})
		b.Run(fmt.Sprintf("reader=csvio-cut/quoted=%t", quoted), func(b *testing.B) {
			for b.Loop() {
				r, err := NewReader(bytes.NewReader(data), "b.csv", DefaultOptions())
				if err != nil {
					b.Fatal(err)
				}
				for {
					p, err := r.Next(context.Background())
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					r.memory.give(p.(*part).data, defaultBlock)
					if m := p.(*part).marks; m != nil {
						r.memory.giveMarks(m, defaultBlock)
					}
				}
			}
			per(b)
		})
		b.Run(fmt.Sprintf("reader=encoding-csv/quoted=%t", quoted), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := csv.NewReader(bytes.NewReader(data))
				r.ReuseRecord = true
				n := -1
				for {
					if _, err := r.Read(); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != rows {
					b.Fatal(n)
				}
			}
			per(b)
		})
	}
}

// exported returns rows as exports have them: every text of one kind in quotes,
// or all those of one row in a hundred.
func exported(rows int, rare bool) []byte {
	rng := rand.New(rand.NewPCG(7, 0))
	var b bytes.Buffer
	b.WriteString("customer,order,product,time,quantity,price\n")
	for i := range rows {
		q := "\""
		if rare && rng.IntN(100) > 0 {
			q = ""
		}
		fmt.Fprintf(&b, "%[1]sC%08[2]d%[1]s,%[3]d,%[1]sSKU-%05[4]d%[1]s,2011-%02[5]d-%02[6]d %02[7]d:%02[8]d:00,%[9]d,%[10]d.%02[11]d\n", q,
			rng.IntN(1e7), 536365+i, rng.IntN(20000), 1+rng.IntN(12), 1+rng.IntN(28),
			rng.IntN(24), rng.IntN(60), 1+rng.IntN(40), rng.IntN(200), rng.IntN(100))
	}
	return b.Bytes()
}

// BenchmarkReadQuoted reads files whose texts are in quotes ("text"), those of
// one row in a hundred ("rare"), all of them with a doubled quote and a newline in
// one row in a hundred ("awkward"), and with lines that end in CR LF ("return").
func BenchmarkReadQuoted(b *testing.B) {
	const rows = 400_000
	text, rare := exported(rows, false), exported(rows, true)
	lines := bytes.Split(bytes.Clone(text), []byte("\n"))
	for i := 50; i < len(lines)-1; i += 100 {
		lines[i] = bytes.Replace(lines[i], []byte("SKU-"), []byte("S\"\"U\n"), 1)
	}
	for _, c := range []struct {
		name string
		data []byte
	}{{"text", text}, {"rare", rare}, {"awkward", bytes.Join(lines, []byte("\n"))},
		{"return", bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))}} {
		b.Run("quotes="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				readAll(b, c.data, DefaultOptions(), rows)
			}
			b.SetBytes(int64(len(c.data)))
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}

func BenchmarkReadBlock(b *testing.B) {
	const rows = 400_000
	data := orders(rows, false)
	for _, size := range []int{64 << 10, 256 << 10, 512 << 10, 1 << 20, 4 << 20} {
		b.Run(fmt.Sprintf("block=%d", size), func(b *testing.B) {
			o := DefaultOptions()
			o.BlockSize = size
			for b.Loop() {
				readAll(b, data, o, rows)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}

func BenchmarkReadWhitespace(b *testing.B) {
	const rows = 400_000
	data := bytes.Repeat([]byte(" 00001 19970101  1   11.77\r\n"), rows)
	o := Options{Delimiter: Whitespace}
	for b.Loop() {
		readAll(b, data, o, rows)
	}
	b.SetBytes(int64(len(data)))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

func readAll(b *testing.B, data []byte, o Options, rows int) {
	b.Helper()
	r, err := NewReader(bytes.NewReader(data), "b.csv", o)
	if err != nil {
		b.Fatal(err)
	}
	var f datasets.Frame
	n := 0
	for {
		p, err := r.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Decode(&f); err != nil {
			b.Fatal(err)
		}
		n += f.Rows
	}
	if n != rows {
		b.Fatalf("got %d rows, want %d", n, rows)
	}
}

func BenchmarkIndex(b *testing.B) {
	data := append(orders(10_000, false), make([]byte, pad)...)
	pos := make([]uint32, stretch+pad)
	const to = 15 * stretch
	run := func(name string, index func(from, to int)) {
		b.Run("by="+name, func(b *testing.B) {
			for b.Loop() {
				for from := 0; from < to; from += stretch {
					index(from, from+stretch)
				}
			}
			b.SetBytes(to)
		})
	}
	run("machine", func(from, to int) { indexPlain(pos, data, from, to, ',', '\n') })
	run("words", func(from, to int) { indexWords(pos, data, from, to, ',', '\n') })
}
