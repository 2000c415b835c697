package features

import (
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

var ageAndCity = []datasets.Attribute{{Name: "age"}, {Name: "city", Category: true}}

func TestAttributesAreFeaturesByTheirNames(t *testing.T) {
	attributes := OfAttributes(ageAndCity)
	got, err := Select(append(With([]string{"brand"}), attributes...), []string{"city", "brand_main", "age", "recency_days"}, Further(0))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		kind      Kind
		attribute bool
	}{{Code, true}, {Code, false}, {Number, true}, {Days, false}} {
		f := got[i]
		if f.Kind != want.kind || f.Attribute() != want.attribute || f.Missing == "" || !strings.HasSuffix(f.Meaning, ".") {
			t.Errorf("got %+v, want the kind %s, an attribute: %v", f, want.kind, want.attribute)
		}
	}
	_, err = Select(append(With(nil), attributes...), []string{"agee", "city", "city"}, 0)
	for _, want := range []string{`got "agee", want a feature of docs/features.md; did you mean "age"?`, `got "city", want each feature once`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	for _, f := range With([]string{"brand"}) {
		if f.Attribute() {
			t.Errorf("got %s as an attribute", f.Name)
		}
	}
}

// Whoever asks a calculator for an attribute has mixed up what is known of a past
// day with what is known now.
func TestAttributesCannotBeComputed(t *testing.T) {
	defer func() {
		if p := recover(); p == nil || !strings.Contains(p.(string), "BUG: age is an attribute") {
			t.Errorf("got %v, want a panic that names the attribute", p)
		}
	}()
	NewCalculator(append(Available(0), OfAttributes(ageAndCity)...))
}

func TestNamesOfAttributesMayClash(t *testing.T) {
	for _, name := range []string{"monetary", "recency_days", "region_main", "brand_main", "postcode_top_share"} {
		if got, clashes := AttributeClash(name); !clashes || got != name {
			t.Errorf("%s: got %q, %v, want a clash", name, got, clashes)
		}
	}
	for _, name := range []string{"age", "main", "stores", "distinct"} {
		if _, clashes := AttributeClash(name); clashes {
			t.Errorf("%s: got a clash, want none", name)
		}
	}
}
