package recommend

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// dimensionOf returns the dimension of a name, and false where line items have none of it.
func dimensionOf(r *mining.Run, name string) (datasets.Dimension, bool) {
	columns := map[datasets.Dimension]features.Columns{
		datasets.Product: features.Product, datasets.Category: features.Category, datasets.Channel: features.Channel,
		datasets.Store: features.Store, datasets.Region: features.Region, datasets.Salesperson: features.Salesperson,
		datasets.Campaign: features.Campaign,
	}
	for d, column := range columns {
		if d.String() == name {
			return d, r.Mapped.Has(column)
		}
	}
	at := slices.Index(r.Further, name)
	return datasets.Dimension(datasets.Dimensions + max(0, at)), at >= 0
}

// codesOf returns the function that returns the codes of a dimension.
func codesOf(d datasets.Dimension) func(*datasets.Events) []uint32 {
	switch d {
	case datasets.Product:
		return func(ev *datasets.Events) []uint32 { return ev.Product }
	case datasets.Category:
		return func(ev *datasets.Events) []uint32 { return ev.Category }
	case datasets.Channel:
		return func(ev *datasets.Events) []uint32 { return ev.Channel }
	case datasets.Store:
		return func(ev *datasets.Events) []uint32 { return ev.Store }
	case datasets.Region:
		return func(ev *datasets.Events) []uint32 { return ev.Region }
	case datasets.Salesperson:
		return func(ev *datasets.Events) []uint32 { return ev.Salesperson }
	case datasets.Campaign:
		return func(ev *datasets.Events) []uint32 { return ev.Campaign }
	}
	return func(ev *datasets.Events) []uint32 { return ev.FurtherCodes(int(d) - datasets.Dimensions) }
}

// texts returns the values of a dimension by code, rising.
func texts(r *mining.Run, d datasets.Dimension) []string {
	dict := r.Dictionary(d)
	out := make([]string, dict.Len())
	for i := range out {
		out[i] = string(dict.At(i))
	}
	return out
}
