package export

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
)

// idColumn holds the ids of customers in the file of data sent to a system; its other
// columns have the names of headers.
const idColumn = "quintile_customer"

// told writes the state of a system after all deltas so far: a row for each customer known
// to the system, in the order of ids, with the cells in the system. The next delta compares
// with this file. The file is needed where the full file is no substitute: ids are hashed, a
// run may lack a full file, or a changed field makes no update by itself.
type told struct {
	path    string
	columns []table.Column
	out     *parquetio.Writer
	values  []table.Values
	rows    int
	total   int64
	closed  bool
}

// toldRows is the number of rows collected before writing.
const toldRows = 1 << 14

func createTold(path string, p *plan, workers int) (*told, error) {
	t := &told{path: path, columns: []table.Column{{Name: idColumn, Type: table.Text, Description: "id of the customer"}}}
	for k, f := range p.fields {
		t.columns = append(t.columns, table.Column{
			Name: f.Header, Type: table.Text, Dictionary: k > 0, Description: "what the system was told last under this header; empty for nothing",
		})
	}
	t.values = make([]table.Values, len(t.columns))
	o := parquetio.DefaultOptions()
	o.RowGroupRows, o.Workers, o.SortedBy = 1<<16, max(1, workers), []string{idColumn}
	var err error
	if t.out, err = parquetio.Create(path, t.columns, o); err != nil {
		return nil, err
	}
	return t, nil
}

// add adds a customer.
func (t *told) add(id []byte, cell func(k int) []byte) error {
	t.values[0].Texts.Append(id)
	for k := range t.values[1:] {
		t.values[k+1].Texts.Append(cell(k))
	}
	t.total++
	if t.rows++; t.rows < toldRows {
		return nil
	}
	return t.flush()
}

func (t *told) flush() error {
	err := t.out.Write(t.values, t.rows)
	t.rows = 0
	for k := range t.values {
		t.values[k].Texts.Reset()
	}
	return err
}

// close ends the file; a second call does nothing.
func (t *told) close() error {
	if t.closed {
		return nil
	}
	t.closed = true
	return errors.Join(t.flush(), t.out.Close())
}

// file describes the finished file.
func (t *told) file() (File, error) {
	f := File{Path: BaseName, Rows: t.total}
	for _, c := range t.columns {
		f.Columns = append(f.Columns, c.Name)
	}
	in, err := os.Open(t.path)
	if err != nil {
		return f, err
	}
	sum := sha256.New()
	f.Bytes, err = io.Copy(sum, in)
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return f, errors.Join(err, in.Close())
}

// openFile opens a file of either kind that a run compares with.
func openFile(path string, csv bool) (datasets.Reader, error) {
	if csv {
		return openCSV(path)
	}
	return parquetio.Open(path)
}
