package words

import (
	"math"
	"strings"

	"github.com/quintile-dev/quintile/features"
)

// entry is a feature with its words, place holders of the family filled in.
type entry struct {
	phrases
	missing string
	kind    features.Kind
	unit    string
	percent bool
}

// entry returns the words of a feature, of a further dimension or of an attribute.
func (w *Words) entry(name string) *entry {
	if e := w.entries[name]; e != nil {
		return e
	}
	return w.resolve(name)
}

// resolve finds the words of a feature: direct words, words of its family, or the general
// words.
func (w *Words) resolve(name string) *entry {
	e := &entry{kind: features.Number}
	p, holders, named := w.find(name)
	if named {
		p.Name, p.None = holders.Replace(p.Name), holders.Replace(p.None)
		p.Low, p.High = holders.Replace(p.Low), holders.Replace(p.High)
	} else {
		p.Name = strings.ReplaceAll(name, "_", " ")
	}
	e.phrases = p
	own := strings.NewReplacer("{name}", p.Name)
	fill := func(dst *string, general string) {
		if *dst == "" {
			*dst = own.Replace(general)
		}
	}
	fill(&e.Low, w.file.Otherwise.Low)
	fill(&e.High, w.file.Otherwise.High)
	if len(e.Adjectives) == 0 {
		for _, text := range w.file.Otherwise.Adjectives {
			e.Adjectives = append(e.Adjectives, own.Replace(text))
		}
	}
	f, known := features.Lookup(name)
	if !known {
		f = furtherFeature(name, named)
	}
	e.kind, e.unit = f.Kind, f.Unit
	e.percent = f.Kind == features.Share || f.Kind == features.Ratio && (strings.HasPrefix(f.Unit, "share of ") || strings.HasPrefix(f.Unit, "ratio of "))
	e.missing = w.file.Missing[f.Missing]
	fill(&e.missing, w.file.Otherwise.Missing)
	return e
}

// furtherFeature returns the words for a feature of a custom dimension, like those of the
// channels; an attribute is a number.
func furtherFeature(name string, family bool) features.Feature {
	if !family {
		return features.Feature{Kind: features.Number}
	}
	if strings.HasSuffix(name, "_distinct") {
		return features.Feature{Kind: features.Count, Unit: "values"}
	}
	at := strings.LastIndex(name, "_top_share")
	if at < 0 {
		at = strings.LastIndex(name, "_")
	}
	f, _ := features.Lookup("channel" + name[at:])
	f.Missing = ""
	return f
}

// families are the endings of features of a dimension, by the key of their words.
var families = []struct{ ending, key string }{
	{"_distinct", "{many}_distinct"}, {"_entropy", "{one}_entropy"}, {"_evenness", "{one}_evenness"},
	{"_concentration", "{one}_concentration"}, {"_top_share", "{one}_top_share"}, {"_main", "{one}_main"},
	{"_repeat_share", "{one}_repeat_share"},
}

// windows are the beginnings of features of a window of days.
var windows = []string{"orders_", "money_", "items_", "active_days_"}

// find returns the words of the file for a feature, and the values of their place
// holders.
func (w *Words) find(name string) (p phrases, holders *strings.Replacer, found bool) {
	if p, has := w.file.Features[name]; has {
		return p, strings.NewReplacer(), true
	}
	for _, beginning := range windows {
		if days, is := strings.CutPrefix(name, beginning); is && digits(days) {
			return w.file.Features[beginning+"{n}"], strings.NewReplacer("{n}", days), true
		}
	}
	for _, f := range families {
		if dimension, is := strings.CutSuffix(name, f.ending); is && dimension != "" {
			one, many := w.dimension(dimension, f.ending == "_distinct")
			return w.file.Features[f.key], strings.NewReplacer("{one}", one, "{many}", many), true
		}
	}
	return phrases{}, nil, false
}

// dimension returns the words of a dimension by its name, the plural in some
// features. A custom dimension keeps its name in the job.
func (w *Words) dimension(name string, plural bool) (one, many string) {
	code := name
	if plural {
		code = singular(name)
	}
	if d := w.file.Dimensions[code]; len(d) == 2 {
		return d[0], d[1]
	}
	text := strings.ReplaceAll(name, "_", " ")
	return text, text
}

// singular returns the name of a dimension of the catalogue from its plural.
func singular(plural string) string {
	switch plural {
	case "categories":
		return "category"
	case "salespeople":
		return "salesperson"
	}
	return strings.TrimSuffix(plural, "s")
}

// Name returns the plain name of a feature; an attribute keeps its name, with blanks.
func (w *Words) Name(feature string) string { return w.entry(feature).Name }

// Adjective returns a word for customers with a low or high value of a feature, as in the
// names of groups.
func (w *Words) Adjective(feature string, high bool) string {
	a := w.entry(feature).Adjectives
	if high {
		return a[1]
	}
	return a[0]
}

// Reason explains the value of a feature: "no order for 212 days (usual: every 30 days)".
// Low and high are measured against the typical value of customers, NaN if unknown. of
// returns other features of the customer, NaN if unknown; of may be nil.
//
// Missing: NaN becomes words for the meaning of a missing value.
func (w *Words) Reason(feature string, v, typical float64, of func(feature string) float64) string {
	e := w.entry(feature)
	if math.IsNaN(v) {
		return e.missing
	}
	if e.None != "" && v == 0 {
		return e.None
	}
	level := typical
	if e.Level != nil {
		level = *e.Level
	}
	phrase := strings.ReplaceAll(w.file.Otherwise.Even, "{name}", e.Name)
	switch {
	case v < level:
		phrase = e.Low
	case v > level:
		phrase = e.High
	}
	text := w.fill(phrase, e, v)
	if beside := w.beside(e, of); beside != "" {
		return text + " (" + beside + ")"
	}
	if e.Level != nil || math.IsNaN(typical) {
		return text
	}
	if usual := w.value(e, typical, false); usual != w.value(e, v, false) {
		text += " (" + strings.ReplaceAll(w.file.Otherwise.Typical, "{v}", usual) + ")"
	}
	return text
}

// beside returns the words of a related feature of the customer, "" for none.
func (w *Words) beside(e *entry, of func(feature string) float64) string {
	if e.Beside == "" || of == nil {
		return ""
	}
	v := of(e.Beside)
	if math.IsNaN(v) {
		return ""
	}
	return w.fill(e.BesideText, w.entry(e.Beside), v)
}

// fill puts a value into a phrase.
func (w *Words) fill(phrase string, e *entry, v float64) string {
	if strings.Contains(phrase, "{v:dative}") {
		return strings.ReplaceAll(phrase, "{v:dative}", w.value(e, v, true))
	}
	return strings.ReplaceAll(phrase, "{v}", w.value(e, v, false))
}
