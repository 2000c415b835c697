package arrowio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

const (
	// maxExpanded bounds the expanded bytes of the buffers of one message.
	maxExpanded = 2 << 30
	// lz4Ratio and zstdRatio are the greatest sizes to which one compressed
	// byte can expand.
	lz4Ratio, zstdRatio = 256, 1 << 15
	// freeBytes is what any buffer may expand to.
	freeBytes = 1 << 16
)

// expander undoes the compression of messages. An expander is for one
// goroutine.
type expander struct {
	zstd *zstd.Decoder
	lz4  *lz4.Reader
}

// expand returns the message with its buffers expanded, or unchanged if not
// compressed.
func (e *expander) expand(batch table, raw frame) (frame, error) {
	compression, ok, err := batch.table(3)
	if err != nil || !ok {
		return raw, err
	}
	codec, err := compression.uint8(0)
	if err != nil {
		return raw, err
	}
	if codec > 1 {
		return raw, fmt.Errorf("%w: compression of kind %d, want LZ4 or zstd", errMetadata, codec)
	}
	method, err := compression.uint8(1)
	if err != nil || method != 0 {
		return raw, fmt.Errorf("%w: compression of other than buffers", errMetadata)
	}
	at, n, err := batch.vector(2, 16)
	if err != nil {
		return raw, err
	}
	sizes, total, err := expandedSizes(raw, at, n, codec)
	if err != nil {
		return raw, err
	}
	body := make([]byte, total)
	meta := withoutCompression(batch)
	to := 0
	for i, size := range sizes {
		offset, length := bufferAt(raw.meta, at+16*i)
		binary.LittleEndian.PutUint64(meta[at+16*i:], uint64(to))
		binary.LittleEndian.PutUint64(meta[at+16*i+8:], uint64(size))
		if length == 0 {
			continue
		}
		src := raw.body[offset : offset+length]
		if int64(binary.LittleEndian.Uint64(src)) == -1 {
			copy(body[to:], src[8:])
		} else if err := e.into(body[to:to+int(size):to+int(size)], codec, src[8:]); err != nil {
			return raw, fmt.Errorf("%w: %w", errMetadata, err)
		}
		to += int(aligned(size))
	}
	return frame{meta, body}, nil
}

// expandedSizes returns the expanded size of each buffer, and the sum of the
// sizes with padding.
func expandedSizes(raw frame, at, n int, codec uint8) (sizes []int64, total int64, err error) {
	ratio := int64(lz4Ratio)
	if codec != 0 {
		ratio = zstdRatio
	}
	for i := range n {
		offset, length := bufferAt(raw.meta, at+16*i)
		size := int64(0)
		switch {
		case length == 0:
		case length < 8:
			return nil, 0, fmt.Errorf("%w: a compressed buffer of %d bytes", errMetadata, length)
		default:
			size = int64(binary.LittleEndian.Uint64(raw.body[offset:]))
			if size == -1 { // stored as it is
				size = length - 8
			}
			if size < 0 || size > freeBytes && size > (length-8)*ratio {
				return nil, 0, fmt.Errorf("%w: a buffer of %d bytes that says it expands to %d", errMetadata, length, size)
			}
		}
		if total += aligned(size); total > maxExpanded {
			return nil, 0, fmt.Errorf("a message that expands to more than %d bytes; write smaller batches", int64(maxExpanded))
		}
		sizes = append(sizes, size)
	}
	return sizes, total, nil
}

// aligned rounds the size of a buffer up to where the next may begin.
func aligned(size int64) int64 { return (size + 63) &^ 63 }

// withoutCompression returns a copy of the metadata where the batch has no
// compression. The batch gets a new vtable, at the end, because other tables may
// share the old vtable.
func withoutCompression(batch table) []byte {
	at, size, err := batch.vtable()
	if err != nil {
		panic("arrowio: BUG: a table without vtable was checked: " + err.Error())
	}
	meta := bytes.Clone(batch.data)
	for len(meta)%8 != 0 {
		meta = append(meta, 0)
	}
	own := len(meta)
	meta = append(meta, batch.data[at:at+size]...)
	binary.LittleEndian.PutUint16(meta[own+4+2*3:], 0)
	binary.LittleEndian.PutUint32(meta[batch.at:], uint32(batch.at-own))
	return meta
}

// into fills dst with what src expands to.
func (e *expander) into(dst []byte, codec uint8, src []byte) error {
	if codec != 0 {
		return e.unzstd(dst, src)
	}
	if e.lz4 == nil {
		e.lz4 = lz4.NewReader(nil)
	}
	e.lz4.Reset(bytes.NewReader(src))
	_, err := io.ReadFull(e.lz4, dst)
	return err
}

func (e *expander) unzstd(dst, src []byte) error {
	if e.zstd == nil {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxMemory(maxExpanded))
		if err != nil {
			return err
		}
		e.zstd = d
	}
	out, err := e.zstd.DecodeAll(src, dst[:0])
	if err == nil && len(out) != len(dst) {
		err = fmt.Errorf("expanded to %d bytes, want %d", len(out), len(dst))
	}
	return err
}
