package parquetio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go/format"

	"github.com/quintile-dev/quintile/datasets"
)

// A row group is cut into several parts if it has more rows than most, or more
// than 1/sharesLeft of the remaining rows of the file: large parts read no page
// twice, and small parts at the end keep all workers busy. A part cut for this
// reason has at least least rows.
const (
	mostRows   = 1 << 20
	leastRows  = 1 << 18
	sharesLeft = 4
)

// Reader delivers the flat columns of a Parquet file: it is a datasets.Reader.
//
// A part is a row group, or, where row groups are longer than a million rows or
// make up much of the rest of the file, a piece of a row group. Pieces end with a
// page of the column with the longest pages, so that few pages are decoded twice;
// a part is never shorter than the longest page. Decoding holds one page of each
// column and its dictionary, in memory that the frame keeps.
//
// Texts that the file keeps in dictionaries stay codes, and the batches of a part
// share the dictionary of the row group. Decimals of more than 18 digits are
// delivered as integers if they fit by the statistics of the file, and as texts
// such as "-12.50" otherwise. Timestamps are cut to microseconds, towards the
// past. UUIDs become texts in their usual form. INT96 timestamps are taken for
// instants, as in Spark. Nested and repeated columns, times of day and raw bytes
// of fixed length are passed over: see Skipped.
//
// Errors are of type *datasets.FileError and name the row group and the column. A
// damaged or hostile file yields such an error, never a panic: no length in the
// file is trusted before a comparison with the actual bytes.
type Reader struct {
	file     io.ReaderAt
	closer   io.Closer // nil if the caller closes the file
	size     int64
	path     string
	meta     *format.FileMetaData
	leaves   []leaf
	skipped  []Skipped
	selected []int // indexes into leaves; nil before Select
	most     int64 // rows of a part, where pages allow
	least    int64 // rows below which no part is cut to keep workers busy
	stretch  int   // rows that Each decodes at a time

	group int   // the next row group
	row   int64 // rows in the row groups before
	cuts  []int64
	from  int64 // where the next part of the row group begins
}

// Open opens the file at path.
func Open(path string) (*Reader, error) { return OpenAs(path, path) }

// OpenAs is Open for a file with another name than its path: errors and frames
// use name.
func OpenAs(path, name string) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r, err := NewReader(file, info.Size(), name)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r.closer = file
	return r, nil
}

// NewReader reads the file of size bytes in file. path is its name in errors and
// frames. file is read by several goroutines at once, and not closed.
func NewReader(file io.ReaderAt, size int64, path string) (r *Reader, err error) {
	defer func() {
		if v := recover(); v != nil {
			r, err = nil, &datasets.FileError{Path: path, At: "footer", Err: fmt.Errorf("%w: %s", errThrift, datasets.Recovered(v))}
		}
	}()
	meta, err := readFooter(file, size, path)
	if err != nil {
		return nil, err
	}
	r = &Reader{file: file, size: size, path: path, meta: meta, most: mostRows, least: leastRows, stretch: stretchRows}
	chunks := 0
	r.leaves, r.skipped, chunks, err = leavesOf(meta, descriptions(meta))
	if err != nil {
		return nil, &datasets.FileError{Path: path, At: "footer", Err: err}
	}
	var rows int64
	for i := range meta.RowGroups {
		g := &meta.RowGroups[i]
		if len(g.Columns) != chunks || g.NumRows < 0 || g.NumRows > 1<<48 {
			return nil, &datasets.FileError{
				Path: path, At: fmt.Sprintf("row group %d", i+1),
				Got:  fmt.Sprintf("%d columns, %d rows", len(g.Columns), g.NumRows),
				Want: fmt.Sprintf("the %d columns of the schema", chunks),
			}
		}
		rows += g.NumRows
	}
	if rows != meta.NumRows {
		return nil, &datasets.FileError{
			Path: path, At: "footer",
			Got: fmt.Sprintf("%d rows in the row groups", rows), Want: fmt.Sprintf("the %d of the file", meta.NumRows),
		}
	}
	return r, nil
}

// Fields describes the flat columns of the file.
func (r *Reader) Fields() []datasets.Field {
	fields := make([]datasets.Field, len(r.leaves))
	for i := range r.leaves {
		fields[i] = r.leaves[i].Field
	}
	return fields
}

// Skipped lists the columns that cannot be delivered, with the reason, for
// messages about a column missing in Fields.
func (r *Reader) Skipped() []Skipped { return r.skipped }

// Rows returns the number of rows of the file.
func (r *Reader) Rows() int64 { return r.meta.NumRows }

// Metadata returns the value of a key of the file's metadata, and whether it is
// there.
func (r *Reader) Metadata(key string) (string, bool) {
	for _, kv := range r.meta.KeyValueMetadata {
		if kv.Key == key {
			return kv.Value, true
		}
	}
	return "", false
}

// Select chooses the columns to decode.
func (r *Reader) Select(columns []int) error {
	if r.selected != nil {
		return errors.New("parquetio: BUG: Select called twice")
	}
	for _, c := range columns {
		if c < 0 || c >= len(r.leaves) {
			return &datasets.FileError{
				Path: r.path, Got: fmt.Sprintf("column %d", c),
				Want: fmt.Sprintf("one of the %d flat columns %s", len(r.leaves), names(r.leaves)),
			}
		}
		for g := range r.meta.RowGroups {
			if err := r.checkChunk(g, &r.leaves[c]); err != nil {
				return r.columnError(g, c, err)
			}
		}
	}
	r.selected = append(make([]int, 0, len(columns)), columns...)
	return nil
}

// checkChunk compares what a row group says about a column with the schema.
func (r *Reader) checkChunk(group int, l *leaf) error {
	g := &r.meta.RowGroups[group]
	chunk := &g.Columns[l.index]
	switch m := &chunk.MetaData; {
	case chunk.CryptoMetadata.Value != nil:
		return errors.New("an encrypted column; write it without encryption")
	case chunk.FilePath != "":
		return errors.New("a column in another file; write the columns into one")
	case m.Type != l.physical:
		return fmt.Errorf("values of type %s, want %s as in the schema", m.Type, l.physical)
	case m.NumValues != g.NumRows:
		return fmt.Errorf("%d values, want the %d of the row group", m.NumValues, g.NumRows)
	}
	return nil
}

// Next returns the next part.
func (r *Reader) Next(ctx context.Context) (datasets.Part, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.selected == nil {
		return nil, errors.New("parquetio: BUG: Next called before Select")
	}
	for len(r.cuts) == 0 {
		if r.group == len(r.meta.RowGroups) {
			return nil, io.EOF
		}
		var err error
		if r.cuts, err = r.cut(r.group); err != nil {
			return nil, err
		}
		if len(r.cuts) == 0 {
			r.group++
		}
	}
	p := &decodable{reader: r, group: r.group, from: r.from, to: r.cuts[0], first: r.row + r.from + 1}
	r.from, r.cuts = r.cuts[0], r.cuts[1:]
	if len(r.cuts) == 0 {
		r.row += r.meta.RowGroups[r.group].NumRows
		r.from = 0
		r.group++
	}
	return p, nil
}

// cut returns the rows of a row group at which its parts end.
func (r *Reader) cut(group int) ([]int64, error) {
	rows := r.meta.RowGroups[group].NumRows
	most := min(r.most, max(r.least, (r.meta.NumRows-r.row)/sharesLeft))
	switch {
	case rows == 0:
		return nil, nil
	case rows <= most || len(r.selected) == 0:
		return []int64{rows}, nil
	}
	var coarse []int64 // the ends of the pages of the column with the longest page
	longest := int64(0)
	for _, i := range r.selected {
		ends, most, err := r.pageEnds(group, &r.leaves[i])
		if err != nil {
			return nil, r.columnError(group, i, err)
		}
		if most > longest {
			coarse, longest = ends, most
		}
	}
	var cuts []int64
	from := int64(0)
	for i, end := range coarse {
		if end == rows || coarse[i+1]-from > most {
			cuts = append(cuts, end)
			from = end
		}
	}
	return cuts, nil
}

// pageEnds returns the rows at which the pages of a column end, and the rows of
// the longest.
func (r *Reader) pageEnds(group int, l *leaf) (ends []int64, longest int64, err error) {
	g := &r.meta.RowGroups[group]
	var p pages
	if err := p.open(r.file, r.size, &g.Columns[l.index]); err != nil {
		return nil, 0, err
	}
	row := int64(0)
	for row < g.NumRows {
		if err := p.next(); err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			return nil, 0, err
		}
		n := p.rows()
		p.skip()
		if n == 0 {
			continue
		}
		row += n
		longest = max(longest, n)
		ends = append(ends, row)
	}
	if row != g.NumRows {
		return nil, 0, fmt.Errorf("%d rows, want %d", row, g.NumRows)
	}
	return ends, longest, nil
}

// columnError says where err happened; leaf is an index into leaves.
func (r *Reader) columnError(group, leaf int, err error) error {
	at := fmt.Sprintf("row group %d", group+1)
	if leaf < len(r.leaves) {
		at += fmt.Sprintf(", column %q", r.leaves[leaf].Name)
	}
	return &datasets.FileError{Path: r.path, At: at, Err: err}
}

// Close closes the file if Open opened the file. Decoding in progress then
// fails.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

var _ datasets.Reader = (*Reader)(nil)
