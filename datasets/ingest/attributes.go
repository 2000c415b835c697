package ingest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// AttributeSource is one entry of a job's customers: files with an id and attributes
// of a customer in each row.
type AttributeSource struct {
	Source                       // of which the path counts, and how text is read
	Customer   string            // name of the column of ids in the files
	IDRole     string            // what the job calls them, for messages; "" for customer
	Numbers    map[string]string // attribute → name of the column in the files
	Categories map[string]string // likewise, for those that are texts
}

// ReadAttributes reads all files of customers' attributes. ids maps aliases to
// customers; nil: no aliases. most is the memory in bytes that the attributes may
// take. advance, if not nil, is called with the number of rows read.
//
// Missing: a missing cell is ignored. Where the rows of a customer disagree in an
// attribute, the customer has no value of the attribute, and is counted.
//
// Determinism: the contents of the table depend neither on the order of rows nor on
// their distribution over files.
//
// Errors: those of ReadTable; a *datasets.FileError where an attribute has more
// categories than there may be, or where the attributes take more than most.
func ReadAttributes(ctx context.Context, sources []AttributeSource, ids *datasets.Identities, most int64, advance func(rows int64)) (*datasets.Attributes, *TableReport, error) {
	a := attributeReader{table: datasets.NewAttributes(attributesOf(sources)), ids: ids, most: min(most, math.MaxUint32)}
	tables := make([]TableSource, len(sources))
	for i := range sources {
		tables[i] = a.bind(&sources[i])
	}
	report, err := readTable(ctx, tables, max(most/2, 1), advance, a.take)
	if err != nil {
		return nil, nil, err
	}
	a.table.Settle()
	return a.table, report, nil
}

// attributesOf returns the attributes of all sources, each once.
func attributesOf(sources []AttributeSource) []datasets.Attribute {
	categories := map[string]bool{}
	for _, s := range sources {
		for name := range s.Numbers {
			categories[name] = false
		}
		for name := range s.Categories {
			categories[name] = true
		}
	}
	var list []datasets.Attribute
	for _, name := range slices.Sorted(maps.Keys(categories)) {
		list = append(list, datasets.Attribute{Name: name, Category: categories[name]})
	}
	return list
}

// attributeReader gathers attributes.
type attributeReader struct {
	table  *datasets.Attributes
	ids    *datasets.Identities
	most   int64
	bound  [][]boundAttribute // by source: those of columns 1, 2, … of its table
	values []optionalNumber   // of the numbers of one row
}

// boundAttribute is an attribute that a source has.
type boundAttribute struct {
	k        int // as the table counts them
	category bool
}

type optionalNumber struct {
	millionths int64
	known      bool
}

// bind returns the columns that a source needs: the id, then its attributes.
func (a *attributeReader) bind(s *AttributeSource) TableSource {
	role := cmp.Or(s.IDRole, "customer")
	t := TableSource{Source: s.Source, Columns: []TableColumn{{s.Customer, "columns: " + role, true}}}
	var bound []boundAttribute
	for k, attribute := range a.table.List() {
		if column, has := s.Numbers[attribute.Name]; has {
			t.Columns = append(t.Columns, TableColumn{Name: column, For: "numbers: " + attribute.Name})
			bound = append(bound, boundAttribute{k, false})
		} else if column, has := s.Categories[attribute.Name]; has {
			t.Columns = append(t.Columns, TableColumn{Name: column, For: "categories: " + attribute.Name})
			bound = append(bound, boundAttribute{k, true})
		}
	}
	a.bound = append(a.bound, bound)
	a.values = slices.Grow(a.values, len(bound))
	return t
}

func (a *attributeReader) take(source int, rows *TableRows) error {
	bound := a.bound[source]
	for i := range rows.Len {
		if rows.w.m.source.erased(rows.Text(i, 0)) {
			continue
		}
		if !a.readNumbers(rows, i, bound) {
			continue
		}
		id := rows.Text(i, 0)
		if len(id) == 0 {
			rows.Refuse(i, 0, datasets.MissingKey, "the id of a customer")
			continue
		}
		customer := a.table.Customer(a.ids.Customer(id))
		for j, b := range bound {
			switch {
			case !b.category:
				if v := a.values[j]; v.known {
					a.table.SetNumber(customer, b.k, v.millionths)
				}
			default:
				if text := rows.Text(i, j+1); len(text) > 0 && !a.table.SetCategory(customer, b.k, text) {
					return a.tooMany(rows.Position(i, j+1), b.k)
				}
			}
		}
	}
	if a.table.Bytes() > a.most {
		return &datasets.FileError{Path: rows.Path(), Got: fmt.Sprintf("attributes of customers that take more than %d MiB", a.most>>20),
			Want: "a table that fits a quarter of the memory budget", Hint: "raise memory, or name fewer attributes"}
	}
	return nil
}

// readNumbers reads the numbers of a row, before any part of the row is taken,
// and reports whether all numbers fit.
func (a *attributeReader) readNumbers(rows *TableRows, i int, bound []boundAttribute) bool {
	a.values = a.values[:len(bound)]
	for j, b := range bound {
		if !b.category {
			a.values[j].millionths, a.values[j].known = rows.Number(i, j+1)
		}
	}
	return !rows.Refused(i)
}

func (a *attributeReader) tooMany(at datasets.Position, k int) error {
	return &datasets.FileError{Path: at.Path, At: fmt.Sprintf("column %q", at.Column),
		Got:  fmt.Sprintf("more than %d different texts for the category %s", datasets.MaxCategories, a.table.List()[k].Name),
		Want: "a column of kinds, not of ids or remarks", Hint: "leave it out, or name it under numbers where it holds numbers"}
}
