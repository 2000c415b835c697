package history

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
)

// Replay feeds the line items of a kept history to the builder, as many files at
// once as there are workers, and connects the two: lines appended afterwards
// count as new, and the scan of the sealed store writes the new lines to the
// folder.
//
// Errors: a *datasets.FileError where a file has another checksum, or gives other
// rows or another sum of money, than the ledger says.
func (b *Builder) Replay(ctx context.Context, f *Folder) error {
	b.folder = f
	files := make(chan File, len(f.ledger.Lines))
	for _, file := range f.ledger.Lines {
		files <- file
	}
	close(files)
	g, ctx := errgroup.WithContext(ctx)
	for _, a := range b.appenders {
		g.Go(func() error {
			a.fresh = 0
			defer func() { a.fresh = freshBit }()
			for file := range files {
				if err := a.replayFile(ctx, f, file); err != nil {
					return fmt.Errorf("replaying the history: %w", err)
				}
			}
			return nil
		})
	}
	return g.Wait()
}

func (a *Appender) replayFile(ctx context.Context, f *Folder, file File) error {
	want := keptColumns(a.builder.layout.columns)
	rows, money := int64(0), datasets.Sum{}
	err := f.readKept(ctx, file, want, func(frame *datasets.Frame) error {
		t := a.replayed(frame, want)
		rows += int64(frame.Rows)
		for _, m := range t.Amount {
			money.Add(m)
		}
		return a.Append(t)
	})
	if err != nil || file.SHA256 == "" {
		return err
	}
	if sum := money.String(); rows != file.Rows || sum != file.Money {
		return f.damaged(file.Name, fmt.Sprintf("%d rows, %s in all", rows, sum),
			fmt.Sprintf("the %d, %s in all, that a run wrote", file.Rows, file.Money), nil)
	}
	return nil
}

// readKept calls do with the rows of a file of the history, a stretch at a time,
// after a look at its checksum.
func (f *Folder) readKept(ctx context.Context, file File, want []table.Column, do func(*datasets.Frame) error) (err error) {
	path := f.at(file.Name)
	size, sum, err := digest(f.disk, path)
	if err != nil {
		return f.damaged(file.Name, "", "", err)
	}
	if file.SHA256 != "" && sum != file.SHA256 {
		return f.damaged(file.Name, "other contents than were written", "those of the checksum in "+ledgerName, nil)
	}
	in, err := f.disk.Open(path)
	if err != nil {
		return f.damaged(file.Name, "", "", err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	r, err := parquetio.NewReader(in, size, path)
	if err != nil {
		return err
	}
	if err := selectByName(r, path, want); err != nil {
		return err
	}
	var frame datasets.Frame
	for {
		part, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := part.Each(&frame, func() error { return do(&frame) }); err != nil {
			return err
		}
	}
}

func selectByName(r datasets.Reader, path string, want []table.Column) error {
	at := map[string]int{}
	for i, field := range r.Fields() {
		at[field.Name] = i
	}
	columns := make([]int, len(want))
	for i, c := range want {
		index, ok := at[c.Name]
		if !ok {
			return &datasets.FileError{Path: path, Got: "a file without the column " + c.Name, Want: "a file of this history", Hint: "remove the history's folder and load all files again"}
		}
		columns[i] = index
	}
	return r.Select(columns)
}

// replayed views a frame of a kept file as transactions.
func (a *Appender) replayed(f *datasets.Frame, want []table.Column) *datasets.Transactions {
	t := &datasets.Transactions{}
	for i := range want {
		c := &f.Columns[i]
		switch name := want[i].Name; name {
		case "customer":
			t.Customer = c
		case "order":
			t.Order = c
		case "time":
			t.Time = convert[datasets.Moment](c.Ints)
		case "quantity":
			t.Quantity = convert[datasets.Quantity](c.Ints)
		case "amount":
			t.Amount = convert[datasets.Money](c.Ints)
		case "cost":
			t.Cost = optionalMoney(c, f.Rows)
		case "discount":
			t.Discount = optionalMoney(c, f.Rows)
		case "return":
			t.Return = make([]bool, f.Rows)
			for j := range t.Return {
				t.Return[j] = c.Ints[j] != 0
			}
		default:
			for d := range datasets.Dimension(datasets.Slots) {
				if columns := &a.builder.layout.columns; columns.Has(d) && columns.Name(d) == name {
					t.Dims[d] = c
				}
			}
		}
	}
	for i := range f.Rows {
		if t.Customer.Valid.Get(i) {
			t.Rows = append(t.Rows, uint32(i))
		} else {
			t.Anonymous = append(t.Anonymous, uint32(i))
		}
	}
	return t
}

func convert[T ~int64](values []int64) []T {
	out := make([]T, len(values))
	for i, v := range values {
		out[i] = T(v)
	}
	return out
}

func optionalMoney(c *datasets.Column, rows int) []datasets.Money {
	out := make([]datasets.Money, rows)
	for i := range out {
		if out[i] = datasets.NoMoney; c.Valid.Get(i) {
			out[i] = datasets.Money(c.Ints[i])
		}
	}
	return out
}
