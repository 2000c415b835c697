package history

import (
	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
)

// keptColumns returns the columns of a kept history's files: names are those of
// the job file.
func keptColumns(c datasets.Columns) []table.Column {
	columns := []table.Column{
		{Name: "customer", Type: table.Text, Nullable: true, Dictionary: true, Description: "id of the customer; null for a line that belongs to a basket only"},
		{Name: "time", Type: table.Timestamp, Delta: true, Description: "time of the line on the wall clock of the job's time zone"},
		{Name: "quantity", Type: table.Decimal, Scale: 6, Description: "number of pieces; negative for returns"},
		{Name: "amount", Type: table.Decimal, Scale: 6, Description: "what the line cost the customer; negative for returns"},
		{Name: "return", Type: table.Bool, Description: "the line is a return"},
	}
	if c.Order {
		columns = append(columns, table.Column{Name: "order", Type: table.Text, Nullable: true, Dictionary: true, Description: "number of the order"})
	}
	for d := range datasets.Dimension(datasets.Slots) {
		if !c.Has(d) {
			continue
		}
		column := table.Column{Name: c.Name(d), Type: table.Text, Nullable: true, Dictionary: true}
		if int(d) >= datasets.Dimensions {
			column.Description = "a dimension that the job names"
		}
		columns = append(columns, column)
	}
	if c.Cost {
		columns = append(columns, table.Column{Name: "cost", Type: table.Decimal, Scale: 6, Nullable: true, Description: "what the line cost the seller"})
	}
	if c.Discount {
		columns = append(columns, table.Column{Name: "discount", Type: table.Decimal, Scale: 6, Nullable: true, Description: "what was deducted from the list price of the line"})
	}
	return columns
}

// runWriter writes one bucket of a run: the new line items, or all line items
// where the run replaces the earlier files. The file appears with the first
// row.
type runWriter struct {
	folder *Folder
	store  *Store
	name   string
	file   writeFile // nil before the first row
	out    *parquetio.Writer
	money  datasets.Sum
	values []table.Values
	text   []byte
}

func (f *Folder) newRun(bucket int, s *Store) *runWriter {
	return &runWriter{folder: f, store: s, name: bucketName(bucket, f.run)}
}

// add writes the partition that the assembler has just put together.
func (w *runWriter) add(a *assembler, b *Bucket) error {
	known := b.From[len(b.From)-1]
	rows := w.take(a, b, known)
	if rows == 0 {
		return nil
	}
	if w.out == nil {
		file, err := w.folder.create(w.name)
		if err != nil {
			return err
		}
		w.file = file
		if w.out, err = parquetio.NewWriter(file, keptColumns(w.store.layout.columns), options()); err != nil {
			return err
		}
	}
	return w.out.Write(w.values, rows)
}

// take collects the rows to be written, column by column.
func (w *runWriter) take(a *assembler, b *Bucket, known int) int {
	columns := keptColumns(w.store.layout.columns)
	w.values = resize(w.values, len(columns))
	take := w.selected(a, known)
	for i := range w.values {
		w.values[i] = table.Values{Valid: datasets.NewBitmap(len(take))}
	}
	customer := 0
	for n, i := range take {
		for customer < b.Customers.Len() && i >= b.From[customer+1] {
			customer++
		}
		if i < known {
			w.takeRow(a, &b.Events, i, a.slipOf(i, known), n, b.Customers.At(customer))
		} else {
			w.takeRow(a, &b.Anonymous, i-known, a.slipOf(i, known), n, nil)
		}
	}
	return len(take)
}

// slipOf returns the slip of line i of the partition, of which the first known
// have a customer.
func (a *assembler) slipOf(i, known int) *slip {
	if i < known {
		return &a.sorted[a.lines[i].slip]
	}
	return &a.anonymous[a.lines[i].slip]
}

// selected returns the lines to be written, in their order.
func (w *runWriter) selected(a *assembler, known int) []int {
	var take []int
	for i := range a.lines {
		s := a.slipOf(i, known)
		if w.folder.whole || s.info&freshBit != 0 {
			take = append(take, i)
		}
	}
	return take
}

// takeRow enters line i of the events as row n. Without a customer, id is nil.
func (w *runWriter) takeRow(a *assembler, e *datasets.Events, i int, s *slip, n int, id []byte) {
	l := &w.store.layout
	column := 0
	text := func(value []byte, valid bool) {
		v := &w.values[column]
		v.Texts.Append(value)
		if valid {
			v.Valid.Set(n)
		}
		column++
	}
	number := func(value int64, valid bool) {
		v := &w.values[column]
		if !valid {
			value = 0
		}
		v.Ints = append(v.Ints, value)
		if valid {
			v.Valid.Set(n)
		}
		column++
	}
	text(id, id != nil)
	number(int64(e.Time[i]), true)
	number(int64(e.Quantity[i]), true)
	number(int64(e.Amount[i]), true)
	w.money.Add(e.Amount[i])
	returned := int64(0)
	if e.Return[i] {
		returned = 1
	}
	number(returned, true)
	if l.columns.Order {
		order := w.orderText(a, s)
		text(order, len(order) > 0)
	}
	for d, mapped := range l.mapped {
		if !mapped {
			continue
		}
		if code := (*dimension(e, datasets.Dimension(d)))[i]; code == datasets.NoCode {
			text(nil, false)
		} else {
			text(w.store.dicts[d].At(int(code)), true)
		}
	}
	for _, money := range [...][]datasets.Money{e.Cost, e.Discount} {
		if money != nil {
			number(int64(money[i]), money[i] != datasets.NoMoney)
		}
	}
}

func (w *runWriter) orderText(a *assembler, s *slip) []byte {
	if long := a.longOrder(s); long != noLongOrder {
		return a.orders.At(int(long) - 1)
	}
	w.text = datasets.UnpackText(w.text[:0], s.order)
	return w.text
}

// finish ends the file of the bucket, flushes the file to disk, and adds the entry.
func (w *runWriter) finish() error {
	if w.out == nil {
		return nil
	}
	if err := w.out.Close(); err != nil {
		return err
	}
	file := w.file
	w.file = nil
	entry, err := w.folder.seal(file, w.name, w.out.Rows())
	if err != nil {
		return err
	}
	entry.Money = w.money.String()
	w.folder.take(entry)
	return nil
}

// abort closes the file of a bucket that was not finished.
func (w *runWriter) abort() {
	if w.file != nil {
		_ = w.file.Close() // the run has failed already, and the ledger will not name the file
		w.file = nil
	}
}
