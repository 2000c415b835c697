package words

import (
	"math"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/features"
)

func each(t *testing.T, do func(t *testing.T, w *Words)) {
	for _, language := range Languages() {
		t.Run(language, func(t *testing.T) { do(t, MustOpen(language, "EUR")) })
	}
}

func TestEveryLanguageNamesEveryFeature(t *testing.T) {
	each(t, func(t *testing.T, w *Words) {
		for _, f := range features.Catalogue() {
			if _, _, found := w.find(f.Name); !found {
				t.Errorf("%s has no entry for the feature %s", w.language, f.Name)
			}
			e := w.entry(f.Name)
			plain := e.Name != "" && !strings.ContainsAny(e.Name, "{}_")
			if !plain {
				t.Errorf("%s: got the name %q of %s, want plain words", w.language, e.Name, f.Name)
			}
			if f.Kind == features.Code {
				continue
			}
			if _, has := w.file.Missing[f.Missing]; !has && f.Missing != "never" {
				t.Errorf("%s has no words for what is missing of %s: %q", w.language, f.Name, f.Missing)
			}
			if _, has := w.file.Units[f.Unit]; !has && needsUnit(f) {
				t.Errorf("%s has no words for the unit %q of %s", w.language, f.Unit, f.Name)
			}
			for _, v := range []float64{0, 1, 2.5, 1000} {
				for _, typical := range []float64{0, 2, 5000, math.NaN()} {
					text := w.Reason(f.Name, v, typical, func(string) float64 { return 30 })
					if text == "" || strings.ContainsAny(text, "{}=_") {
						t.Errorf("%s: got %q of %s, want words without place holders", w.language, text, f.Name)
					}
				}
			}
			if text := w.Reason(f.Name, math.NaN(), 1, nil); text == "" || strings.Contains(text, "missing") {
				t.Errorf("%s: got %q of a missing %s", w.language, text, f.Name)
			}
		}
	})
}

// needsUnit reports whether a number of the feature says nothing without its unit.
func needsUnit(f features.Feature) bool {
	switch f.Kind {
	case features.Days, features.Count, features.Quantity, features.Bits:
		return true
	}
	return strings.HasPrefix(f.Unit, "currency a") || strings.HasPrefix(f.Unit, "orders")
}

func TestFilesNameNothingTwiceAndNothingThatIsNot(t *testing.T) {
	known := map[string]bool{}
	for _, f := range families {
		known[f.key] = true
	}
	for _, beginning := range windows {
		known[beginning+"{n}"] = true
	}
	english := MustOpen(English, "")
	each(t, func(t *testing.T, w *Words) {
		for name := range w.file.Features {
			if _, is := features.Lookup(name); !is && !known[name] {
				t.Errorf("%s names %s, which is no feature", w.language, name)
			}
		}
		same := func(what string, got, want int) {
			if got != want {
				t.Errorf("%s has %d %s, want %d as English has", w.language, got, what, want)
			}
		}
		same("features", len(w.file.Features), len(english.file.Features))
		same("columns", len(w.file.Columns), len(english.file.Columns))
		same("states", len(w.file.States), len(english.file.States))
		same("groupings", len(w.file.Groups), len(english.file.Groups))
		for grouping, groups := range english.file.Groups {
			same("groups of "+grouping, len(w.file.Groups[grouping]), len(groups))
		}
		for unit, forms := range w.file.Units {
			if len(forms) != 2 && len(forms) != 4 {
				t.Errorf("%s: got %d forms of the unit %q, want 2 or 4", w.language, len(forms), unit)
			}
		}
	})
}

func TestReasonsSayWhatAValueMeans(t *testing.T) {
	nan := math.NaN()
	of := func(name string) float64 {
		if name == "gap_median" {
			return 30
		}
		return nan
	}
	f := func(language, feature string, v, typical float64, want string) {
		t.Helper()
		if got := MustOpen(language, "EUR").Reason(feature, v, typical, of); got != want {
			t.Errorf("%s %s: got %q, want %q", language, feature, got, want)
		}
	}
	f("en", "recency_days", 212, 51, "no order for 212 days (usual: every 30 days)")
	f("en", "recency_days", 1, 51, "last order 1 day ago (usual: every 30 days)")
	f("en", "gap_cv", nan, 1, "bought on too few days for a rhythm")
	f("en", "orders_90", 0, 1, "no order in 90 days")
	f("en", "orders_90", 1, 3, "only 1 order in 90 days (typical: 3 orders)")
	f("en", "money_365", 1234.5, 100, "spent 1,234.50 EUR in 365 days (typical: 100.00 EUR)")
	f("en", "money_trend_90", -0.25, 0.1, "spends less than in the 90 days before: -0.25")
	f("en", "overdue_ratio", 2.7, 5, "overdue: silent for 2.7 times the usual time")
	f("en", "salespeople_distinct", 3, 1, "3 salespeople in all (typical: 1 salesperson)")
	f("en", "brand_distinct", 3, 1, "3 values in all (typical: 1 value)")
	f("en", "brand_top_share", 0.5, 0.25, "a clear favourite among brand: 50.0 % in the first (typical: 25.0 %)")
	f("en", "age_in_years", 44, 30, "age in years high: 44 (typical: 30)")
	f("en", "age_in_years", nan, 30, "age in years unknown")
	f("en", "frequency", 3, nan, "orders: 3 orders")
	f("de", "recency_days", 212, 51, "keine Bestellung seit 212 Tagen (sonst alle 30 Tage)")
	f("de", "money_365", 1234.5, 100, "1.234,50 EUR in 365 Tagen (üblich bei anderen: 100,00 EUR)")
	f("de", "gap_cv", nan, 1, "hat für einen Rhythmus an zu wenigen Tagen gekauft")
}

func TestSentencesAreSaidAsTheLanguageHasNumbers(t *testing.T) {
	w := MustOpen("de", "")
	w.file.Texts = map[string]string{"%s of %d in %.1f": "%[2]d, davon %[1]s, in %.1[3]f"}
	if got, want := w.Say("%s of %d in %.1f", "1,234.5", 7, 2.5), "7, davon 1.234,5, in 2,5"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := w.Say("%s stays %d", "7.5 oz MUG, RED", 3), "7.5 oz MUG, RED stays 3"; got != want {
		t.Errorf("got %q, want %q: without a translation, and with a text that is no number", got, want)
	}
	for text, want := range map[string]string{
		"1,234": "1.234", "12.3 %": "12,3 %", "-0.5": "-0,5", "1e+300": "1e+300", "1,23": "1,23", "2011-12-10": "2011-12-10", "": "", "–": "–", "1.5e-05": "1,5e-05",
	} {
		if got := w.Localise(text); got != want {
			t.Errorf("Localise(%q): got %q, want %q", text, got, want)
		}
	}
	if got, want := w.Label("1,234  12.3 %"), "1.234  12,3 %"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnUnknownLanguageIsRefused(t *testing.T) {
	if _, err := Open("tlh", ""); err == nil || !strings.Contains(err.Error(), "de, en") {
		t.Errorf("got %v, want the languages that there are", err)
	}
}
