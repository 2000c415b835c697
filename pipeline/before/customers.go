package before

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// key is the first column of the customers.
const key = "customer"

// Customers yields the published customers of the run, in the order of their ids, with the columns that the file has. A
// batch is valid until the next batch. Erased customers are passed over as if the run had never known them; nil: nobody
// is erased.
//
// Errors: with the code BadInput where the file cannot be read, or a column has another kind.
func (r *Run) Customers(ctx context.Context, columns []mining.Column, erased func(id []byte) bool) iter.Seq2[*mining.Batch, error] {
	return func(yield func(*mining.Batch, error) bool) {
		err := r.eachBatch(ctx, columns, erased, func(b *mining.Batch) bool { return yield(b, nil) })
		if err != nil {
			yield(nil, err)
		}
	}
}

// errStopped ends the reading early.
var errStopped = errors.New("stopped")

func (r *Run) eachBatch(ctx context.Context, columns []mining.Column, erased func(id []byte) bool, do func(*mining.Batch) bool) (err error) {
	file, err := parquetio.Open(r.path(CustomersFile))
	if err != nil {
		return exit.With(exit.BadInput, err)
	}
	defer func() {
		closing := file.Close()
		if errors.Is(err, errStopped) {
			err = nil
		}
		err = exit.With(exit.BadInput, errors.Join(err, closing))
	}()
	fields := file.Fields()
	at := func(name string) int {
		return slices.IndexFunc(fields, func(f datasets.Field) bool { return f.Name == name })
	}
	if at(key) < 0 {
		return fmt.Errorf("%s: got no column %s", r.path(CustomersFile), key)
	}
	chosen := []int{at(key)}
	var known []mining.Column
	for _, c := range columns {
		if i := at(c.Name); i >= 0 {
			chosen, known = append(chosen, i), append(known, c)
		}
	}
	if err := file.Select(chosen); err != nil {
		return err
	}
	var frame datasets.Frame
	first := 0
	for {
		part, err := file.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		err = part.Each(&frame, func() error {
			b, err := r.batch(&frame, known)
			if err != nil {
				return err
			}
			if erased != nil {
				b = without(b, erased, known)
			}
			b.First = first
			first += b.Rows
			if !do(b) {
				return errStopped
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// batch returns the rows of a frame with the columns.
func (r *Run) batch(frame *datasets.Frame, columns []mining.Column) (*mining.Batch, error) {
	ids := &frame.Columns[0]
	b := mining.NewBatch(textsOf(ids, frame.Rows), nil, nil)
	for k, c := range columns {
		read := &frame.Columns[k+1]
		v := table.ValuesOf(read)
		switch {
		case c.Type == table.Float64 && read.Kind == datasets.Decimal: // money, in a type that the job chose
			v.Floats, v.Ints = make([]float64, frame.Rows), nil
			for i := range v.Floats {
				v.Floats[i] = float64(read.Ints[i]) / math.Pow10(read.Scale)
			}
		case c.Type == table.Text && read.Codes == nil && read.Texts.Len() != frame.Rows,
			c.Type == table.Float64 && read.Floats == nil,
			(c.Type == table.Int32 || c.Type == table.Int64 || c.Type == table.Date) && read.Ints == nil:
			return nil, fmt.Errorf("%s: column %s: got another kind of values than this version of the program writes; pass over that run with --from-scratch",
				r.path(CustomersFile), c.Name)
		}
		if c.Type == table.Date && read.Kind != datasets.Date {
			return nil, fmt.Errorf("%s: column %s: got no days", r.path(CustomersFile), c.Name)
		}
		b.Add(&mining.Scored{Column: c, Values: v})
	}
	return b, nil
}

// without returns a batch without the erased customers.
func without(b *mining.Batch, erased func(id []byte) bool, columns []mining.Column) *mining.Batch {
	at := make([]int, 0, b.Rows)
	for i := range b.Rows {
		if !erased(b.IDs.At(i)) {
			at = append(at, i)
		}
	}
	if len(at) == b.Rows {
		return b
	}
	ids := table.Values{Texts: b.IDs}
	out := mining.NewBatch(ids.Rows(at).Texts, nil, nil)
	for _, c := range columns {
		out.Add(&mining.Scored{Column: c, Values: b.Score(c.Name).Values.Rows(at)})
	}
	return out
}

// textsOf returns the texts of a column.
func textsOf(c *datasets.Column, rows int) datasets.Strings {
	if c.Codes == nil {
		return c.Texts
	}
	var out datasets.Strings
	for i := range rows {
		out.Append(c.Dict.At(int(c.Codes[i])))
	}
	return out
}
