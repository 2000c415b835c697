// Package featuretable is the step that publishes the table of features: the behaviour of
// customers in numbers.
package featuretable

import (
	"context"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "features",
	Doc:     "The feature table.",
	Example: "{}",
	Default: func() mining.Settings { return new(Settings) },

	Unlearned: true,
	Files:     []mining.File{{Name: "features.parquet", Text: "A row for each customer: every feature."}},
	Warnings: []mining.Doc{
		{Name: "left_out", Text: "so many features are left out, since the job maps no money, no quantity or no product; the others are there", Mend: "map the columns named, if the files have them"},
	},
	Figures: []mining.Doc{
		{Name: "features", Text: "columns of features.parquet, the key left out"},
		{Name: "customers", Text: "rows of features.parquet"},
	},
}

// Settings are the settings of the step.
type Settings struct {
	Only []string `yaml:"only" doc:"Names of the features to publish. Default: all that the mapped columns allow."`
}

// Check finds no fault beyond the faults found by the tags.
func (s *Settings) Check() []mining.Fault { return nil }

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// Plan makes the task. Unknown features are refused.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	if len(s.Only) == 0 {
		return &task{published: r.Features, warnings: leftOut(r)}, nil
	}
	selected, faults := r.SelectAny("only", s.Only)
	return &task{published: selected}, faults
}

// leftOut warns of features that need unmapped columns: the product, the amount or the units,
// as most line items have.
func leftOut(r *mining.Run) []models.Warning {
	missing := (features.Product | features.Amount | features.Units) &^ r.Mapped
	n := 0
	for _, f := range features.Catalogue() {
		if f.Needs&missing != 0 {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []models.Warning{{Code: "left_out", Count: n, Message: fmt.Sprintf("%d features are left out, since the job does not map: %s", n, missing)}}
}

type task struct {
	published []features.Feature
	warnings  []models.Warning
}

// Memory covers a batch.
func (t *task) Memory(int) int64 { return int64(len(t.published)+1) * 8 * batchRows }

// Fit has nothing to learn.
func (t *task) Fit(_ context.Context, in *mining.Input) (*mining.Result, error) {
	return &mining.Result{
		State: mining.OK,
		Figures: []mining.Figure{
			{Name: "features", Value: len(t.published), Summary: true}, {Name: "customers", Value: in.Table.Len()},
		},
		Warnings: t.warnings,
		Tables:   []mining.Table{Table(in, t.published)},
	}, nil
}

// batchRows is the number of customers written at a time.
const batchRows = 1 << 16

// Table returns features.parquet with these features.
func Table(in *mining.Input, published []features.Feature) mining.Table {
	columns := Columns(published)
	names := make([]string, len(published))
	for j, f := range published {
		names[j] = f.Name
	}
	return mining.Table{
		Name: "features.parquet", Columns: columns, SortedBy: []string{"customer"}, Customers: true,
		Write: func(ctx context.Context, w mining.TableWriter) error {
			for g, err := range in.Table.Groups(ctx, names, batchRows) {
				if err != nil {
					return err
				}
				values := []table.Values{{Texts: g.IDs}}
				for j, v := range g.Columns {
					if published[j].Kind == features.Code {
						values = append(values, texts(dictionary(in, published[j]), v))
						continue
					}
					values = append(values, mining.Numbers(columns[j+1], v))
				}
				if err := w.Write(values, g.IDs.Len()); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// Columns describes features.parquet with these features.
func Columns(published []features.Feature) []mining.Column {
	columns := []mining.Column{{Column: table.Column{
		Name: "customer", Type: table.Text, Description: "id of the customer, the key of the table",
	}}}
	for _, f := range published {
		columns = append(columns, column(f))
	}
	return columns
}

// column describes a feature as a column of the output.
func column(f features.Feature) mining.Column {
	c := mining.Column{Column: table.Column{Name: f.Name, Type: table.Float64, Nullable: true, Unit: f.Unit, Description: f.Meaning}}
	if f.Missing != "never" {
		c.Description += " Null: " + f.Missing + "."
	}
	switch f.Kind {
	case features.Code:
		c.Type, c.Dictionary = table.Text, true
	case features.Count:
		c.Type = table.Int64
	case features.Money:
		c.Money = true
	}
	return c
}

// dictionary returns the texts that the codes of a feature stand for.
func dictionary(in *mining.Input, f features.Feature) datasets.Strings {
	if f.Attribute() {
		return *in.Categories(f.Name)
	}
	return *in.Dictionary(f.Of)
}

// texts returns the texts behind the codes of a feature such as region_main.
func texts(dict datasets.Strings, codes []float64) table.Values {
	v := table.Values{Codes: make([]uint32, len(codes)), Valid: datasets.NewBitmap(len(codes)), Dict: dict}
	if v.Dict.Len() == 0 {
		v.Dict.Append(nil)
	}
	for i, code := range codes {
		if !math.IsNaN(code) {
			v.Codes[i] = uint32(code)
			v.Valid.Set(i)
		}
	}
	return v
}
