package history

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
)

// identityColumns are the columns of the file in which a kept history remembers
// aliases.
func identityColumns() []table.Column {
	return []table.Column{
		{Name: "alias", Type: table.Text, Description: "id that stood for another when line items were taken in"},
		{Name: "customer", Type: table.Text, Description: "id of the customer that it stood for"},
	}
}

// Identify gives the folder the aliases of the run; nil for no aliases. Line items
// are kept under the customer behind their id at loading time, and now go to the
// customer behind the kept one. So aliases may be added, and a customer may become
// an alias, as if all files were read again.
//
// Errors: a *datasets.FileError where an alias used in the history now stands for
// another customer, or for none: its line items could not be told from those of the
// customer.
func (f *Folder) Identify(ctx context.Context, x *datasets.Identities) error {
	f.identities = x
	if len(f.ledger.Identities) == 0 {
		f.newAliases = x.Len() > 0
		return nil
	}
	file := f.ledger.Identities[0]
	same, parted, kept := 0, 0, 0
	err := f.readKept(ctx, file, identityColumns(), func(f *datasets.Frame) error {
		for i := range f.Rows {
			alias, customer := f.Columns[0].TextAt(i), f.Columns[1].TextAt(i)
			kept++
			now := x.Customer(alias)
			switch {
			case string(now) == string(customer):
				same++
			case string(now) != string(x.Customer(customer)):
				parted++
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the aliases of the history: %w", err)
	}
	if file.SHA256 != "" && int64(kept) != file.Rows {
		return f.damaged(file.Name, fmt.Sprintf("%d aliases", kept), fmt.Sprintf("the %d that a run wrote", file.Rows), nil)
	}
	if parted > 0 {
		return &datasets.FileError{Path: f.at(file.Name), Got: fmt.Sprintf("%d aliases that stand for another customer now, or for none", parted),
			Want: "every alias that the history was made with to stand for the same customer still",
			Hint: "put them back, or name another folder under history and load all files again"}
	}
	f.newAliases = f.newAliases || same < kept || kept < x.Len()
	return nil
}

// writeIdentities writes the aliases of the run.
func (f *Folder) writeIdentities() (File, error) {
	name := aliasesName(f.run)
	file, err := f.create(name)
	if err != nil {
		return File{}, err
	}
	rows, err := f.writeAliases(file)
	if err != nil {
		return File{}, errors.Join(err, file.Close())
	}
	return f.seal(file, name, rows)
}

// writeAliases writes the aliases to a file, and returns their number.
func (f *Folder) writeAliases(to io.Writer) (aliases int64, err error) {
	out, err := parquetio.NewWriter(to, identityColumns(), parquetio.DefaultOptions())
	if err != nil {
		return 0, err
	}
	const rows = 1 << 14
	values := make([]table.Values, 2)
	flush := func() error {
		n := values[0].Texts.Len()
		if n == 0 {
			return nil
		}
		err := out.Write(values, n)
		values[0].Texts.Reset()
		values[1].Texts.Reset()
		return err
	}
	err = f.identities.Each(func(alias, customer []byte) error {
		values[0].Texts.Append(alias)
		values[1].Texts.Append(customer)
		if values[0].Texts.Len() == rows {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	return out.Rows(), errors.Join(err, out.Close())
}
