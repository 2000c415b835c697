// Package targets reads the campaign lists drawn by an earlier run of a job, so that the next
// run can keep and measure them.
package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/mining"
)

// Name is the table of the lists.
const Name = "targets.parquet"

// columns are the columns to read, in this order.
var columns = []string{"campaign", "rank", "customer", "arm", "day", "score", "cost"}

// Read reads the lists at a path, in order.
//
// Errors: the errors of the file; a missing column, or a value that no run writes.
func Read(ctx context.Context, path string) (list []mining.Target, err error) {
	r, err := parquetio.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := choose(r, path); err != nil {
		return nil, err
	}
	var frame datasets.Frame
	names := map[string]string{} // campaigns, each held once
	for {
		part, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		err = part.Each(&frame, func() error {
			if len(frame.Faults) > 0 {
				return fmt.Errorf("%s: got %d rows that cannot be read, want none", path, len(frame.Faults))
			}
			for i := range frame.Rows {
				t, err := target(&frame, i)
				if err != nil {
					return fmt.Errorf("%s, row %d: %w", path, len(list)+1, err)
				}
				if _, known := names[t.Campaign]; !known {
					names[t.Campaign] = t.Campaign
				}
				t.Campaign = names[t.Campaign]
				list = append(list, t)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
}

// choose selects the columns.
func choose(r datasets.Reader, path string) error {
	at := make([]int, len(columns))
	for k, name := range columns {
		at[k] = slices.IndexFunc(r.Fields(), func(f datasets.Field) bool { return f.Name == name })
		if at[k] < 0 {
			return fmt.Errorf("%s: column %q not found; restore the file from a copy, or remove it", path, name)
		}
	}
	return r.Select(at)
}

// target returns a row.
func target(f *datasets.Frame, i int) (t mining.Target, err error) {
	c := f.Columns
	for _, k := range []int{0, 1, 2, 3, 4, 6} {
		if !c[k].Valid.Get(i) {
			return t, fmt.Errorf("column %q: got no value, want one", columns[k])
		}
	}
	if c[1].Kind != datasets.Int || c[4].Kind != datasets.Date || c[5].Kind != datasets.Float ||
		c[0].Kind != datasets.Text || c[2].Kind != datasets.Text || c[3].Kind != datasets.Text {
		return t, errors.New("got columns of other kinds than a run writes; restore the file from a copy, or remove it")
	}
	t = mining.Target{
		Campaign: string(c[0].TextAt(i)), Rank: c[1].Ints[i], Customer: string(c[2].TextAt(i)), Day: datasets.Day(c[4].Ints[i]), Score: math.NaN(),
	}
	switch arm := string(c[3].TextAt(i)); arm {
	case "treated":
		t.Arm = datasets.Treated
	case "control":
		t.Arm = datasets.Control
	default:
		return t, fmt.Errorf("column %q: got %q, want treated or control", columns[3], arm)
	}
	if c[5].Valid.Get(i) {
		t.Score = c[5].Floats[i]
	}
	t.Cost, err = money(&c[6], i)
	return t, err
}

// money returns an amount, for either type of published money.
func money(c *datasets.Column, i int) (datasets.Money, error) {
	v := math.NaN()
	switch c.Kind {
	case datasets.Float:
		v = c.Floats[i]
	case datasets.Decimal:
		v = float64(c.Ints[i]) / math.Pow10(c.Scale)
	}
	if !(v >= 0 && v <= 1e12) {
		return 0, errors.New(`column "cost": got no amount from 0 to 1e12, want one; restore the file from a copy, or remove it`)
	}
	return datasets.Money(math.Round(v * float64(datasets.Unit))), nil
}

// Join returns the contacts of files and of lists. Facts from files stay: a list adds customers and
// arms missing in the files, and costs if no file names the campaign. resolve maps ids on lists to
// customers; nil: ids are unchanged.
func Join(files *datasets.Campaigns, lists []mining.Target, resolve func(id []byte) []byte) *datasets.Campaigns {
	if len(lists) == 0 {
		return files
	}
	all, named := &datasets.Campaigns{}, map[string]bool{}
	for i := range files.Len() {
		x := files.At(i)
		name := files.Name(x.Campaign)
		named[name] = true
		all.Add(files.ID(i), []byte(name), x)
	}
	for _, t := range lists {
		id := []byte(t.Customer)
		if resolve != nil {
			id = resolve(id)
		}
		x := datasets.Contact{Time: datasets.Moment(t.Day) * datasets.FullDay, Arm: t.Arm}
		if at, known := files.Contact(id, t.Campaign); known {
			x.Time = at.Time
		}
		if !named[t.Campaign] {
			x.Cost = t.Cost
		}
		all.Add(id, []byte(t.Campaign), x)
	}
	all.Settle()
	return all
}
