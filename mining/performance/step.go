// Package performance is the step that measures sales: exact totals by every dimension
// and period, the growth and its parts, and the arrival and departure of customers.
package performance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/setting"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "performance",
	Doc:     "How sales do, by every dimension and period.",
	Chapter: mining.AboutSales,
	Example: "{period: month, window_days: 90}",

	Default: func() mining.Settings { return new(Default()) },

	Files: []mining.File{
		{Name: "performance/total.parquet", Text: "A row for each period: sales, and how many customers came, stayed and left.", Columns: totalColumns},
		{Name: "performance/<dimension>.parquet", Text: "A row for each member of a dimension, the most money first. The name of a member of two dimensions has a +.",
			Columns: memberColumns([]string{"member"})},
		{Name: "performance/<dimension>_<period>.parquet", Text: "A row for each member and period with an event; members beyond the setting top are joined into a single member, other.",
			Columns: periodColumns([]string{"member"})},
	},
	Warnings: []mining.Doc{
		{Name: "no_money", Text: "no column holds money: columns of money, shares, ranks and growth are null, and members are ordered by orders", Mend: "map `unit_price` or `amount` under `columns`"},
		{Name: "no_quantity", Text: "no column holds quantities: units are null", Mend: "map `quantity` under `columns`"},
	},
	Figures: []mining.Doc{
		{Name: "periods", Text: "periods from the first event to the scoring date"},
		{Name: "dimensions", Text: "members of each dimension"},
		{Name: "cells", Text: "cells with an event, of members and periods, over all dimensions"},
		{Name: "current", Text: "money of the last window_days, before returns, as an exact decimal text; null without money"},
		{Name: "previous", Text: "the same of the window before"},
		{Name: "growth", Text: "current over previous, less 1"},
		{Name: "active", Text: "customers who bought in the last whole period"},
	},
	Unlearned: true,
}

// Settings are the settings of the step.
type Settings struct {
	By         []setting.Names `yaml:"by" doc:"Dimensions: roles such as product, region or channel, dimensions of the job's own, weekday, hour, attributes of customers under categories. A list of two, such as [region, category], crosses them. Default: all that there are."`
	Period     string          `yaml:"period" enum:"day,week,month,quarter,year" doc:"Length of a period. A week begins on Monday."`
	YearStarts int             `yaml:"year_starts" min:"1" max:"12" doc:"Month with which a year begins, and so its quarters."`
	WindowDays int             `yaml:"window_days" min:"1" max:"3650" doc:"Days of the current window, which ends on the scoring date; it is compared with the one before, and with that of a year before."`
	Top        int             `yaml:"top" min:"1" max:"1000000" doc:"Members of a dimension, those with the most money, that have a row for each period; the others are added up."`
}

// Default returns the default settings of the step.
func Default() Settings { return Settings{Period: "month", YearStarts: 1, WindowDays: 90, Top: 1000} }

// Check refuses crossings of more than two dimensions.
func (s *Settings) Check() []mining.Fault {
	for i, names := range s.By {
		if len(names) < 1 || len(names) > 2 || len(names) == 2 && names[0] == names[1] {
			return []mining.Fault{mining.Faultf("by", "got %v as entry %d, want one dimension, or a list of two different ones", []string(names), i+1)}
		}
	}
	return nil
}

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// Plan makes the task. It refuses dimensions that there are not.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	all := sources(r)
	t := &task{set: *s, run: r, periods: newPeriods(s.Period, s.YearStarts, r.First, r.AsOf)}
	if s.By == nil {
		for _, s := range all {
			t.dimensions = append(t.dimensions, dimension{sources: []source{s}})
		}
		return t, nil
	}
	var faults []mining.Fault
	for _, names := range s.By {
		var d dimension
		for _, name := range names {
			at := slices.IndexFunc(all, func(s source) bool { return s.name == name })
			if at < 0 {
				faults = append(faults, mining.Faultf("by", "got %q, want a dimension that is mapped: %s", name, listed(all)))
				continue
			}
			d.sources = append(d.sources, all[at])
		}
		t.dimensions = append(t.dimensions, d)
	}
	return t, faults
}

func listed(all []source) string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.name
	}
	return strings.Join(names, ", ")
}

// source is where the member of a line comes from.
type source struct {
	name    string
	members int // codes are below it
	text    func(code int) string
	// codes sets dst to the code of each line, NoCode for none.
	codes func(dst []uint32, ev *datasets.Events, c *mining.Customer, firstLine []int32)
}

// dimension is one source, or two crossed sources.
type dimension struct{ sources []source }

// name is the name of the dimension's files.
func (d dimension) name() string {
	names := make([]string, len(d.sources))
	for i, s := range d.sources {
		names[i] = s.name
	}
	return strings.Join(names, "+")
}

// members returns the number of possible members, plus one for lines without a member.
func (d dimension) members() int {
	n := 1
	for _, s := range d.sources {
		n *= s.members + 1
	}
	return n
}

// texts returns the names of a member, "" for none.
func (d dimension) texts(member int) []string {
	out := make([]string, len(d.sources))
	for i := len(d.sources) - 1; i >= 0; i-- {
		s := d.sources[i]
		code := member % (s.members + 1)
		member /= s.members + 1
		if code > 0 {
			out[i] = s.text(code - 1)
		}
	}
	return out
}

// sources returns every dimension that there is.
func sources(r *mining.Run) []source {
	var all []source
	add := func(name string, needs features.Columns, d datasets.Dimension, codes func(*datasets.Events) []uint32) {
		if !r.Mapped.Has(needs) {
			return
		}
		dict := r.Dictionary(d)
		all = append(all, source{name: name, members: dict.Len(), text: func(code int) string { return string(dict.At(code)) },
			codes: func(dst []uint32, ev *datasets.Events, _ *mining.Customer, _ []int32) { copy(dst, codes(ev)) }})
	}
	add("product", features.Product, datasets.Product, func(e *datasets.Events) []uint32 { return e.Product })
	add("category", features.Category, datasets.Category, func(e *datasets.Events) []uint32 { return e.Category })
	add("channel", features.Channel, datasets.Channel, func(e *datasets.Events) []uint32 { return e.Channel })
	add("store", features.Store, datasets.Store, func(e *datasets.Events) []uint32 { return e.Store })
	add("region", features.Region, datasets.Region, func(e *datasets.Events) []uint32 { return e.Region })
	add("salesperson", features.Salesperson, datasets.Salesperson, func(e *datasets.Events) []uint32 { return e.Salesperson })
	add("campaign", features.Campaign, datasets.Campaign, func(e *datasets.Events) []uint32 { return e.Campaign })
	for k, name := range r.Further {
		add(name, features.Further(k), datasets.Dimension(datasets.Dimensions+k), func(e *datasets.Events) []uint32 { return e.FurtherCodes(k) })
	}
	all = append(all, source{name: "weekday", members: 7, text: func(code int) string { return weekdays[code] },
		codes: func(dst []uint32, ev *datasets.Events, _ *mining.Customer, firstLine []int32) {
			for i := range dst {
				dst[i] = uint32(ev.Time[firstLine[i]].Day().Weekday()+6) % 7 // Monday first
			}
		}})
	if r.Mapped.Has(features.Clock) {
		all = append(all, source{name: "hour", members: 24, text: func(code int) string { return fmt.Sprintf("%02d", code) },
			codes: func(dst []uint32, ev *datasets.Events, _ *mining.Customer, firstLine []int32) {
				for i := range dst {
					dst[i] = uint32(ev.Time[firstLine[i]].Hour())
				}
			}})
	}
	for k, a := range r.Attributes {
		if !a.Category {
			continue
		}
		dict := r.Categories(a.Name)
		all = append(all, source{name: a.Name, members: dict.Len(), text: func(code int) string { return string(dict.At(code)) },
			codes: func(dst []uint32, _ *datasets.Events, c *mining.Customer, _ []int32) {
				code := datasets.NoCode
				if v := c.Attributes[k]; v == v {
					code = uint32(v)
				}
				for i := range dst {
					dst[i] = code
				}
			}})
	}
	return all
}

var weekdays = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
