package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

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

// Identify tells the folder by which aliases the run finds its customers; nil for
// none. Line items are kept under the customer that their id stood for when they
// were taken in, and go to the customer that this one stands for now. So aliases may
// be added, and a customer may become an alias, as if all files were read again.
//
// Errors: a *datasets.FileError where an alias that the history was made with now
// stands for another customer, or for none: its line items could not be told from
// those of the customer.
func (f *Folder) Identify(ctx context.Context, x *datasets.Identities) error {
	f.identities = x
	if f.ledger.Identities == "" {
		f.newAliases = x.Len() > 0
		return nil
	}
	path := f.identitiesPath(f.ledger.Identities)
	same, parted, kept := 0, 0, 0
	err := readKept(ctx, path, identityColumns(), func(f *datasets.Frame) error {
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
	if parted > 0 {
		return &datasets.FileError{Path: path, Got: fmt.Sprintf("%d aliases that stand for another customer now, or for none", parted),
			Want: "every alias that the history was made with to stand for the same customer still",
			Hint: "put them back, or name another folder under history and load all files again"}
	}
	f.newAliases = same < kept || kept < x.Len()
	return nil
}

func (f *Folder) identitiesPath(name string) string {
	return filepath.Join(f.path, identitiesName, name)
}

// writeIdentities writes the aliases of the run, and returns the name of the file.
func (f *Folder) writeIdentities() (name string, err error) {
	path := f.identitiesPath(f.run)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	out, err := parquetio.Create(path, identityColumns(), parquetio.DefaultOptions())
	if err != nil {
		return "", err
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
	if err := errors.Join(err, out.Close()); err != nil {
		return "", err
	}
	if err := syncFile(path); err != nil {
		return "", err
	}
	return f.run, syncFile(filepath.Dir(path))
}
