package publish

import (
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// NoteAttributes reports on the attributes after the scan, and releases all data but
// those needed by the outputs.
func (r *Results) NoteAttributes() {
	if r.Data.Attributes == nil {
		return
	}
	count := &r.Scan.Attributes
	m := &manifest.Attributes{
		Customers: int64(r.Data.Attributes.Len()), WithEvents: count.Customers,
		WithoutEvents: int64(r.Data.Attributes.Len()) - count.Customers, ByName: map[string]manifest.Attribute{},
	}
	for k, a := range r.Data.Attributes.List() {
		of := manifest.Attribute{Known: count.Known[k], Disagreeing: r.Data.Attributes.Disagreeing(k)}
		if a.Category {
			of.Categories = new(r.Data.Attributes.Categories(k).Len())
		}
		m.ByName[a.Name] = of
	}
	r.attributeAccount = m
	r.Data.Log.Info().Int64("described", m.Customers).Int64("with_events", m.WithEvents).Int64("without_events", m.WithoutEvents).
		Int64("customers", r.Scan.Census.Customers).Msg("attributes of customers")
	if n := r.Scan.Census.Customers; m.WithEvents == 0 && n > 0 {
		r.Data.Warn("attributes_unmatched", int(n), "none of %d customers has a row in the customers' files, and none has an attribute; "+
			"look whether both write ids alike", n)
	}
	r.Data.Attributes.Forget()
}
