package arrowio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// source delivers the messages of a file or stream, in turn.
type source interface {
	// next returns the next message, or io.EOF. For a batch of a file the body
	// may be nil, to be read by load.
	next() (frame, block, error)
	// load reads the body of a message. It may be called on any goroutine.
	load(block) ([]byte, error)
}

// block is where a message stands in a file.
type block struct {
	at   int64 // of its body; 0 if the body has been read
	size int64
}

// continuation stands before every message since Arrow 0.15.
const continuation = 0xffffffff

// maxMetadata is the most bytes of metadata that a message may have.
const maxMetadata = 256 << 20

// stream reads messages as they come.
type stream struct {
	r io.Reader
}

func (s *stream) load(block) ([]byte, error) {
	return nil, errors.New("arrowio: BUG: the body of a stream was not read")
}

func (s *stream) next() (frame, block, error) {
	meta, err := s.metadata()
	if err != nil {
		return frame{}, block{}, err
	}
	m, _, err := header(meta)
	if err != nil {
		return frame{}, block{}, err
	}
	body, err := readGrowing(s.r, m.body)
	if err != nil {
		return frame{}, block{}, fmt.Errorf("a message's body of %d bytes: %w", m.body, err)
	}
	return frame{meta, body}, block{}, nil
}

// metadata reads the metadata of the next message, or returns io.EOF.
func (s *stream) metadata() ([]byte, error) {
	var word [4]byte
	if _, err := io.ReadFull(s.r, word[:]); err != nil {
		return nil, err // io.EOF here is the end of a stream that was not ended
	}
	n := binary.LittleEndian.Uint32(word[:])
	if n == continuation {
		if _, err := io.ReadFull(s.r, word[:]); err != nil {
			return nil, unexpected(err)
		}
		n = binary.LittleEndian.Uint32(word[:])
	}
	if n == 0 {
		return nil, io.EOF
	}
	if n > maxMetadata {
		return nil, fmt.Errorf("%w: %d bytes of it", errMetadata, n)
	}
	return readGrowing(s.r, int64(n))
}

// readGrowing reads n bytes into memory that grows during reading, because n
// may be wrong.
func readGrowing(r io.Reader, n int64) ([]byte, error) {
	const step = 16 << 20
	if n <= step {
		data := make([]byte, n)
		_, err := io.ReadFull(r, data)
		return data, unexpected(err)
	}
	var data bytes.Buffer
	data.Grow(step)
	if _, err := io.CopyN(&data, r, n); err != nil {
		return nil, unexpected(err)
	}
	return data.Bytes(), nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// fileMagic stands at the beginning and at the end of every file.
const fileMagic = "ARROW1"

// file reads the messages of a file in the order of its footer: the schema, the
// dictionaries, the batches.
type file struct {
	r      io.ReaderAt
	size   int64
	schema []byte  // nil once it has been delivered
	blocks []block // of the bodies; first those of dictionaries
	metas  []int64 // bytes of metadata before each
	at     int     // the next
	first  int     // the first batch
}

// openFile reads the footer of a file.
func openFile(r io.ReaderAt, size int64) (*file, error) {
	const tail = 4 + int64(len(fileMagic))
	if size < 2*8+tail {
		return nil, fmt.Errorf("%d bytes, want a file that was written to its end", size)
	}
	end, err := readAt(r, size-tail, tail)
	if err != nil {
		return nil, err
	}
	if string(end[4:]) != fileMagic {
		return nil, fmt.Errorf("the last bytes %q, want %q: check that the file was written to its end", end[4:], fileMagic)
	}
	n := int64(binary.LittleEndian.Uint32(end))
	if n > size-tail-8 {
		return nil, fmt.Errorf("a footer of %d bytes in a file of %d", n, size)
	}
	data, err := readAt(r, size-tail-n, n)
	if err != nil {
		return nil, err
	}
	footer, err := root(data)
	if err != nil {
		return nil, err
	}
	f := &file{r: r, size: size}
	if f.schema, err = schemaOf(footer); err != nil {
		return nil, err
	}
	if err := f.add(footer, 2); err != nil { // dictionaries
		return nil, err
	}
	f.first = len(f.blocks)
	return f, f.add(footer, 3) // batches
}

// schemaOf returns the schema in a footer as the metadata of a message. The
// message that should stand at the beginning of a file will not do: Polars
// writes another thing there.
func schemaOf(footer table) ([]byte, error) {
	schema, ok, err := footer.table(1)
	if err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("%w: no schema", errMetadata), err)
	}
	const begin = 32 // where the footer goes, behind a table that points into it
	meta := make([]byte, begin, begin+len(footer.data))
	binary.LittleEndian.PutUint32(meta, 16)                              // the table
	binary.LittleEndian.PutUint16(meta[4:], 10)                          // its vtable: bytes of the vtable,
	binary.LittleEndian.PutUint16(meta[6:], 11)                          // of the table,
	binary.LittleEndian.PutUint16(meta[8:], 8)                           // where its version is,
	binary.LittleEndian.PutUint16(meta[10:], 10)                         // its kind,
	binary.LittleEndian.PutUint16(meta[12:], 4)                          // its content
	binary.LittleEndian.PutUint32(meta[16:], 16-4)                       // back to the vtable
	binary.LittleEndian.PutUint32(meta[20:], uint32(begin+schema.at-20)) // content
	binary.LittleEndian.PutUint16(meta[24:], 4)                          // version 5, which is coded as 4
	meta[26] = schemaMessage
	return append(meta, footer.data...), nil
}

// add adds the blocks in field i of the footer.
func (f *file) add(footer table, i int) error {
	const size = 24
	at, n, err := footer.vector(i, size)
	if err != nil {
		return err
	}
	for k := range n {
		b := footer.data[at+size*k:]
		offset := int64(binary.LittleEndian.Uint64(b))
		meta := int64(int32(binary.LittleEndian.Uint32(b[8:])))
		body := int64(binary.LittleEndian.Uint64(b[16:]))
		if offset < 8 || offset > f.size || meta < 8 || meta > min(maxMetadata, f.size-offset) || body < 0 || body > f.size-offset-meta {
			return fmt.Errorf("%w: a message of %d and %d bytes at byte %d in a file of %d", errMetadata, meta, body, offset, f.size)
		}
		f.blocks = append(f.blocks, block{at: offset + meta, size: body})
		f.metas = append(f.metas, meta)
	}
	return nil
}

func (f *file) next() (frame, block, error) {
	if f.schema != nil {
		raw := frame{meta: f.schema}
		f.schema = nil
		return raw, block{}, nil
	}
	if f.at == len(f.blocks) {
		return frame{}, block{}, io.EOF
	}
	i := f.at
	f.at++
	b := f.blocks[i]
	meta, err := readAt(f.r, b.at-f.metas[i], f.metas[i])
	if err != nil {
		return frame{}, block{}, err
	}
	skip := 4
	if binary.LittleEndian.Uint32(meta) == continuation {
		skip = 8
	}
	raw := frame{meta: meta[skip:]}
	if i >= f.first {
		return raw, b, nil
	}
	raw.body, err = f.load(b)
	return raw, block{}, err
}

func (f *file) load(b block) ([]byte, error) { return readAt(f.r, b.at, b.size) }

// readAt reads n bytes, which the caller has compared with the size of the file.
func readAt(r io.ReaderAt, at, n int64) ([]byte, error) {
	data := make([]byte, n)
	if got, err := r.ReadAt(data, at); int64(got) < n {
		return nil, fmt.Errorf("byte %d: %w", at, unexpected(err))
	}
	return data, nil
}
