package forecast

import (
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// all is the name of the part that is everything.
const all = "total"

// dimension is a column whose members are forecast.
type dimension struct {
	name string
	of   datasets.Dimension
}

// known lists the dimensions possible in line items, and their columns.
var known = []struct {
	of   datasets.Dimension
	held features.Columns
}{
	{datasets.Product, features.Product}, {datasets.Category, features.Category}, {datasets.Channel, features.Channel},
	{datasets.Store, features.Store}, {datasets.Region, features.Region}, {datasets.Salesperson, features.Salesperson},
	{datasets.Campaign, features.Campaign},
}

// parts returns whether the total is asked for, and the dimensions, with a fault for each
// name that stands for nothing.
func (s *Settings) parts(r *mining.Run) (total bool, dimensions []dimension, faults []mining.Fault) {
	names, named := s.By, true
	if len(names) == 0 {
		names, named = []string{all, datasets.Category.String(), datasets.Region.String()}, false
	}
	wanted := []string{all}
	var held []dimension
	for _, k := range known {
		wanted = append(wanted, k.of.String())
		if r.Mapped.Has(k.held) {
			held = append(held, dimension{k.of.String(), k.of})
		}
	}
	for k, name := range r.Further {
		wanted = append(wanted, name)
		held = append(held, dimension{name, datasets.Dimension(datasets.Dimensions + k)})
	}
	for _, name := range names {
		at := slices.IndexFunc(held, func(d dimension) bool { return d.name == name })
		switch {
		case name == all:
			total = true
		case at >= 0:
			dimensions = append(dimensions, held[at])
		case !named:
		case slices.Contains(wanted, name):
			faults = append(faults, mining.Faultf("by", "got %s, which no column holds, want a dimension of the line items; map %s under columns, or leave %s out",
				name, name, name))
		default:
			faults = append(faults, unknown(name, wanted))
		}
	}
	return total, dimensions, faults
}

// unknown is the fault of a name that stands for nothing.
func unknown(name string, wanted []string) mining.Fault {
	if near := mining.Nearest(name, wanted); near != "" {
		return mining.Faultf("by", "got %q, want total or a dimension; did you mean %q?", name, near)
	}
	return mining.Faultf("by", "got %q, want one of %s; name a dimension of the job's own under dimensions", name, strings.Join(wanted, ", "))
}

// codes returns the codes of a dimension; nil where the events have none.
func (d dimension) codes(e *datasets.Events) []uint32 {
	switch d.of {
	case datasets.Product:
		return e.Product
	case datasets.Category:
		return e.Category
	case datasets.Channel:
		return e.Channel
	case datasets.Store:
		return e.Store
	case datasets.Region:
		return e.Region
	case datasets.Salesperson:
		return e.Salesperson
	case datasets.Campaign:
		return e.Campaign
	}
	return e.FurtherCodes(int(d.of) - datasets.Dimensions)
}
