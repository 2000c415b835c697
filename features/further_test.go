package features

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// furtherOnly are the features of two further dimensions.
func furtherOnly() []Feature {
	return Available(Further(0)|Further(1), "brand", "payment_method")[len(Available(0)):]
}

// withFurther returns the events of lines with two further columns, one that
// differs within orders and one that does not, as a stretch of longer ones.
func withFurther(rng *rand.Rand, lines []line) (ev datasets.Events, perLine, perOrder func(line) uint32) {
	perLine = func(l line) uint32 { return l.category }
	perOrder = func(l line) uint32 {
		if l.order%7 == 3 {
			return datasets.NoCode
		}
		return l.order % 4
	}
	ev = eventsOf(lines)
	before := rng.IntN(9)
	columns := &[datasets.MaxFurther][]uint32{slices.Repeat([]uint32{9}, before), slices.Repeat([]uint32{9}, before)}
	for _, l := range linesOf(ev) {
		columns[0], columns[1] = append(columns[0], perLine(l)), append(columns[1], perOrder(l))
	}
	for k := range 2 {
		columns[k] = append(columns[k], 9, 9)
	}
	ev.Further = datasets.Further{Columns: columns, First: before}
	return ev, perLine, perOrder
}

// mixOfCounts computes the six features from their definitions.
func mixOfCounts(counts map[uint32]int) []float64 {
	code, top, total := topOf(counts)
	if total == 0 {
		return []float64{0, nan, nan, nan, nan, nan}
	}
	entropy, evenness, concentration := entropyOf(counts), nan, 0.0
	if len(counts) > 1 {
		evenness = entropy / math.Log2(float64(len(counts)))
	}
	for _, n := range counts {
		concentration += float64(n) / total * (float64(n) / total)
	}
	return []float64{float64(len(counts)), entropy, evenness, concentration, top / total, float64(code)}
}

func TestFurtherDimensionsAgreeWithTheReference(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 0))
	asOf := datasets.DayOf(2011, 12, 10)
	selected := furtherOnly()
	c := NewCalculator(selected)
	dst := make([]float64, len(selected))
	several := 0
	for trial := range 3000 {
		ev, perLine, perOrder := withFurther(rng, randomHistory(rng, asOf))
		if err := c.Compute(dst, &ev, asOf); err != nil {
			t.Fatal(err)
		}
		r := newRef(linesOf(ev), asOf)
		var want []float64
		for _, of := range []func(line) uint32{perLine, perOrder} {
			counts := map[uint32]int{}
			for code, orders := range r.ordersOf(of) {
				counts[code] = len(orders)
			}
			want = append(want, mixOfCounts(counts)...)
		}
		if want[0] > 1 {
			several++
		}
		for j, f := range selected {
			if !closeTo(dst[j], want[j]) {
				t.Fatalf("trial %d: %s: got %v, want %v", trial, f.Name, dst[j], want[j])
			}
		}
	}
	if several < 1000 {
		t.Errorf("got several values for %d customers, want most: the comparison shows too little", several)
	}
}

// Where all lines of an order have one value, a further dimension says what store
// and region say.
func TestFurtherDimensionOfOrdersIsAsARegion(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 0))
	asOf := datasets.DayOf(2011, 12, 10)
	var selected []Feature
	for _, f := range Available(Region|Further(1), "brand", "payment_method") {
		if f.Needs != 0 {
			selected = append(selected, f)
		}
	}
	c := NewCalculator(selected)
	if len(selected) != 12 {
		t.Fatalf("got %d features, want the six of the region and of the dimension", len(selected))
	}
	dst := make([]float64, len(selected))
	for range 1000 {
		ev, _, _ := withFurther(rng, randomHistory(rng, asOf))
		ev.Region = ev.FurtherCodes(1)
		if err := c.Compute(dst, &ev, asOf); err != nil {
			t.Fatal(err)
		}
		for j := range 6 {
			if math.Float64bits(dst[j]) != math.Float64bits(dst[j+6]) {
				t.Fatalf("%s is %v, %s is %v", selected[j].Name, dst[j], selected[j+6].Name, dst[j+6])
			}
		}
	}
}

func TestFurtherDimensionsChangeNoOtherFeature(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 0))
	asOf := datasets.DayOf(2011, 12, 10)
	plain, both := NewCalculator(Catalogue()), NewCalculator(With([]string{"brand", "payment_method"}))
	want, got := make([]float64, len(plain.Features())), make([]float64, len(both.Features()))
	for range 300 {
		ev, _, _ := withFurther(rng, randomHistory(rng, asOf))
		if err := plain.Compute(want, &ev, asOf); err != nil {
			t.Fatal(err)
		}
		if err := both.Compute(got, &ev, asOf); err != nil {
			t.Fatal(err)
		}
		for j, f := range plain.Features() {
			if math.Float64bits(got[j]) != math.Float64bits(want[j]) {
				t.Fatalf("%s: got %v, want %v", f.Name, got[j], want[j])
			}
		}
	}
}

func TestFeaturesOfFurtherDimensionsAreNamedAfterThem(t *testing.T) {
	want := []string{"_distinct", "_entropy", "_evenness", "_concentration", "_top_share", "_main"}
	list := furtherOnly()
	for j, f := range list {
		name := []string{"brand", "payment_method"}[j/6]
		if f.Name != name+want[j%6] || !strings.Contains(f.Meaning, name) || !strings.HasSuffix(f.Meaning, perValue) {
			t.Errorf("got %s: %s", f.Name, f.Meaning)
		}
		if (f.Kind == Code) != strings.HasSuffix(f.Name, "_main") || isCode(f.Name) != (f.Kind == Code) {
			t.Errorf("%s: got the kind %s", f.Name, f.Kind)
		}
		if f.Kind == Code && int(f.Of) != datasets.Dimensions+j/6 {
			t.Errorf("%s: got the codes of %s", f.Name, f.Of)
		}
	}
	columns := datasets.Columns{}.WithFurther([]string{"payment_method", "brand"})
	if got := Mapped(columns, false); got != Further(0)|Further(1) || got.String() != "further dimension 1, further dimension 2" {
		t.Errorf("got %s", got)
	}
	if !isCode("region_main") || isCode("recency_days") {
		t.Error("got a code taken for a number, or a number for a code")
	}
	if got := Available(0, "brand"); len(got) != len(Available(0)) {
		t.Errorf("got %d features, want none of a dimension that is not mapped", len(got))
	}
}

func TestFeaturesOfFurtherDimensionsAreSelectedByName(t *testing.T) {
	names := []string{"payment_method_main", "recency_days", "brand_entropy"}
	got, err := Select(With([]string{"brand", "payment_method"}), names, Further(0)|Further(1))
	if err != nil || len(got) != 3 || got[0].Of != datasets.Dimension(datasets.Dimensions+1) || got[2].Name != "brand_entropy" {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = Select(With([]string{"brand"}), []string{"brand_entropi", "shop_top_share", "regin_entropy"}, Further(0))
	want := strings.Join([]string{
		`features: features[0]: got "brand_entropi", want a feature of docs/features.md; did you mean "brand_entropy"?`,
		`features: features[1]: got "shop_top_share", want a feature of docs/features.md; for a dimension of the job's own, name shop under dimensions`,
		`features: features[2]: got "regin_entropy", want a feature of docs/features.md; did you mean "region_entropy"?`,
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestNamesOfFurtherDimensionsMayClash(t *testing.T) {
	for name, feature := range map[string]string{"stores": "stores_distinct", "category": "category_entropy", "monetary": "monetary", "hour": "hour_top_share"} {
		if got, clashes := Clash(name); !clashes || got != feature {
			t.Errorf("%s: got %q, %v, want %s", name, got, clashes, feature)
		}
	}
	for _, name := range []string{"brand", "payment_method", "main", "store_kind"} {
		if got, clashes := Clash(name); clashes {
			t.Errorf("%s: got a clash with %s", name, got)
		}
	}
}

func TestFurtherDimensionsAreCountedInKeptMemory(t *testing.T) {
	rng := rand.New(rand.NewPCG(24, 0))
	asOf := datasets.DayOf(2011, 12, 10)
	ev, _, _ := withFurther(rng, randomHistory(rng, asOf))
	for ev.Len() < 20 {
		ev, _, _ = withFurther(rng, randomHistory(rng, asOf))
	}
	c := NewCalculator(furtherOnly())
	dst := make([]float64, len(c.Features()))
	if n := testing.AllocsPerRun(100, func() {
		if err := c.Compute(dst, new(ev.Slice(1, ev.Len())), asOf); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("got %v allocations a customer, want none", n)
	}
}
