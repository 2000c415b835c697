package pipeline

import (
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining/page"
)

// ManifestAttributes says what the customers' files told, and of whom.
type ManifestAttributes struct {
	Customers     int64                        `json:"customers"`      // whom the files describe
	WithEvents    int64                        `json:"with_events"`    // of them, those with an event up to the scoring date
	WithoutEvents int64                        `json:"without_events"` // the others, who are in no output
	ByName        map[string]ManifestAttribute `json:"by_name"`
}

// ManifestAttribute says what is known of one attribute.
type ManifestAttribute struct {
	Known       int64 `json:"known"`                // customers with an event who have it
	Disagreeing int64 `json:"disagreeing"`          // customers whose rows disagree, with an event or without
	Categories  *int  `json:"categories,omitempty"` // different texts in the files; none for a number
}

// noteAttributes tells of the attributes after the scan, and lets go of all but what
// the outputs need.
func (r *run) noteAttributes() {
	if r.attributes == nil {
		return
	}
	count := &r.scan.attributes
	m := &ManifestAttributes{
		Customers: int64(r.attributes.Len()), WithEvents: count.customers,
		WithoutEvents: int64(r.attributes.Len()) - count.customers, ByName: map[string]ManifestAttribute{},
	}
	for k, a := range r.attributes.List() {
		of := ManifestAttribute{Known: count.known[k], Disagreeing: r.attributes.Disagreeing(k)}
		if a.Category {
			of.Categories = new(r.attributes.Categories(k).Len())
		}
		m.ByName[a.Name] = of
	}
	r.attributeAccount = m
	r.env.Log.Info().Int64("described", m.Customers).Int64("with_events", m.WithEvents).Int64("without_events", m.WithoutEvents).
		Int64("customers", r.scan.census.customers).Msg("attributes of customers")
	if n := r.scan.census.customers; m.WithEvents == 0 && n > 0 {
		r.warn("attributes_unmatched", int(n), "none of %d customers has a row in the customers' files, and none has an attribute; "+
			"look whether both write ids alike", n)
	}
	r.attributes.Forget()
}

// attributeWords says what the files tell of each attribute, before it is known who
// has bought.
func attributeWords(table *datasets.Attributes) []string {
	words := []string{fmt.Sprintf("%d described", table.Len())}
	for k, a := range table.List() {
		text := fmt.Sprintf("%s: %d have a number", a.Name, table.Known(k))
		if a.Category {
			text = fmt.Sprintf("%s: %d have one of %d texts", a.Name, table.Known(k), table.Categories(k).Len())
		}
		if n := table.Disagreeing(k); n > 0 {
			text += fmt.Sprintf(", rows disagree for %d", n)
		}
		words = append(words, text)
	}
	return words
}

// attributeTables shows for the report how many customers have which attribute.
func (r *run) attributeTables(m *Manifest) []page.Table {
	if m.Attributes == nil {
		return nil
	}
	t := page.Table{
		Title: "Attributes of customers", Head: []string{"Attribute", "Customers who have it", "Share", "Texts", "Rows disagree"},
		Numeric: []bool{false, true, true, true, true},
	}
	for _, name := range sortedKeys(m.Attributes.ByName) {
		of, texts := m.Attributes.ByName[name], page.None
		if of.Categories != nil {
			texts = page.Whole(int64(*of.Categories))
		}
		t.Rows = append(t.Rows, []string{name, page.Whole(of.Known), page.Percent(float64(of.Known) / float64(m.Customers)), texts, page.Whole(of.Disagreeing)})
	}
	return []page.Table{t}
}
