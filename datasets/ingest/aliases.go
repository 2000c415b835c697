package ingest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// AliasSource is one entry of a job's identities: files with an alias and its
// target id in each row.
type AliasSource struct {
	Source          // of which the path counts, and how text is read
	Alias    string // name of the column of aliases in the files
	Customer string // name of the column of the ids that they stand for
}

// ErrContradiction is the cause of an error where rows of a table contradict one
// another.
var ErrContradiction = errors.New("rows contradict one another")

// maxContradictions bounds the rows that an error names.
const maxContradictions = 20

// ReadAliases reads all files of aliases. most is the memory in bytes that aliases
// may take. advance, if not nil, is called with the number of rows read.
//
// Determinism: the contents of the table depend neither on the order of rows nor on
// their distribution over files.
//
// Errors: the errors of ReadTable; ErrContradiction, with the rows named, where an
// alias stands for two customers or aliases form a circle; a *datasets.FileError
// where the aliases take more than most.
func ReadAliases(ctx context.Context, sources []AliasSource, most int64, advance func(rows int64)) (*datasets.Identities, *TableReport, error) {
	tables := make([]TableSource, len(sources))
	for i, s := range sources {
		tables[i] = TableSource{Source: s.Source, Columns: []TableColumn{{s.Alias, "columns: alias", true}, {s.Customer, "columns: customer", true}}}
	}
	a := aliasReader{most: min(most, math.MaxUint32)}
	report, err := readTable(ctx, tables, max(most/2, 1), advance, func(_ int, rows *TableRows) error { return a.take(rows) })
	if err == nil {
		err = a.err()
	}
	if err == nil {
		err = a.settle(ctx, tables)
	}
	if err != nil {
		return nil, nil, err
	}
	return &a.table, report, nil
}

// aliasReader gathers aliases.
type aliasReader struct {
	table  datasets.Identities
	most   int64
	alias  []byte
	faults []error
}

func (a *aliasReader) take(rows *TableRows) error {
	for i := range rows.Len {
		alias := rows.Text(i, 0)
		if len(alias) == 0 {
			rows.Refuse(i, 0, datasets.MissingKey, "an id")
			continue
		}
		a.alias = append(a.alias[:0], alias...) // since the next text may take its place
		customer := rows.Text(i, 1)
		if len(customer) == 0 {
			rows.Refuse(i, 1, datasets.MissingKey, "the id of the customer that the alias stands for")
			continue
		}
		if !a.table.Add(a.alias, customer) {
			a.contradiction(rows.Position(i, 1), "the customer of an earlier row with this alias", "keep one of the rows")
		}
		if len(a.faults) == maxContradictions {
			return a.err()
		}
	}
	if a.table.Bytes() > a.most {
		return &datasets.FileError{Path: rows.Path(), Got: fmt.Sprintf("aliases that take more than %d MiB", a.most>>20),
			Want: "a table that fits a quarter of the memory budget", Hint: "raise memory, or leave out the aliases that no file uses"}
	}
	return nil
}

func (a *aliasReader) contradiction(at datasets.Position, want, hint string) {
	a.faults = append(a.faults, &datasets.CellError{Pos: at, Want: want, Hint: hint, Personal: true, Err: ErrContradiction})
}

func (a *aliasReader) err() error { return errors.Join(a.faults...) }

// settle follows the chains of aliases. For aliases in a circle, the files are
// searched once more to find the rows.
func (a *aliasReader) settle(ctx context.Context, tables []TableSource) error {
	circular := a.table.Settle()
	if len(circular) == 0 {
		return nil
	}
	_, err := ReadTable(ctx, tables, nil, func(_ int, rows *TableRows) error {
		for i := range rows.Len {
			number, known := a.table.Number(rows.Text(i, 0))
			if _, found := slices.BinarySearch(circular, number); !known || !found {
				continue
			}
			a.contradiction(rows.Position(i, 0), "an alias whose chain ends with a customer, not in a circle", "take one row out of the circle")
			if len(a.faults) == maxContradictions {
				return a.err()
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.err()
}
