package datasets_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// said is one value of one row: of the number of an attribute, or of its category.
type said struct {
	customer, attribute string
	number              int64
	text                string
}

var ageAndCity = []datasets.Attribute{{Name: "city", Category: true}, {Name: "age"}}

// attributesOf fills and settles a table.
func attributesOf(t *testing.T, values ...said) *datasets.Attributes {
	t.Helper()
	a := datasets.NewAttributes(ageAndCity)
	for _, v := range values {
		customer := a.Customer([]byte(v.customer))
		switch v.attribute {
		case "age":
			a.SetNumber(customer, 0, v.number)
		case "city":
			if !a.SetCategory(customer, 1, []byte(v.text)) {
				t.Fatalf("%s: got no room for a category", v.text)
			}
		}
	}
	a.Settle()
	return a
}

// valuesOf returns what a table says of a customer: "age city", or "-" for none.
func valuesOf(a *datasets.Attributes, id string) string {
	dst := []float64{1, 1}
	if !a.FillTo(dst, []byte(id)) {
		return "unknown"
	}
	age, city := "-", "-"
	if !math.IsNaN(dst[0]) {
		age = fmt.Sprint(dst[0])
	}
	if !math.IsNaN(dst[1]) {
		city = string(a.Categories(1).At(int(dst[1])))
	}
	return age + " " + city
}

var shop = []said{
	{customer: "ann", attribute: "age", number: 41_500_000},
	{customer: "ann", attribute: "city", text: "York"},
	{customer: "ann", attribute: "city", text: "York"}, // said twice
	{customer: "bob", attribute: "age", number: -2_000_001},
	{customer: "bob", attribute: "city", text: "Bath"},
	{customer: "bob", attribute: "city", text: "York"}, // disagrees
	{customer: "bob", attribute: "city", text: "Bath"}, // and settles nothing
	{customer: "cy", attribute: "age", number: 1},
	{customer: "cy", attribute: "age", number: 2},
	{customer: "cy", attribute: "age", number: 3},
	{customer: "dee"},
}

func TestAttributesAreWhatAllRowsAgreeOn(t *testing.T) {
	a := attributesOf(t, shop...)
	for id, want := range map[string]string{"ann": "41.5 York", "bob": "-2.000001 -", "cy": "- -", "dee": "- -", "eve": "unknown", "": "unknown"} {
		if got := valuesOf(a, id); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
	if a.Disagreeing(0) != 1 || a.Disagreeing(1) != 1 || a.Len() != 4 || a.Known(0) != 2 || a.Known(1) != 1 {
		t.Errorf("got %d and %d who disagree of %d, and %d and %d known; want 1 and 1 of 4, and 2 and 1",
			a.Disagreeing(0), a.Disagreeing(1), a.Len(), a.Known(0), a.Known(1))
	}
	if list := a.List(); list[0].Name != "age" || list[1].Name != "city" {
		t.Errorf("got the attributes %v, want them in the order of their names", list)
	}
}

func TestOrderOfRowsMattersNotToAttributes(t *testing.T) {
	const seed = 31
	rng := rand.New(rand.NewPCG(seed, 0))
	want := attributesOf(t, shop...)
	for range 200 {
		shuffled := append(slices.Clone(shop), shop[rng.IntN(len(shop))])
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		got := attributesOf(t, shuffled...)
		for _, id := range []string{"ann", "bob", "cy", "dee"} {
			a, b := make([]float64, 2), make([]float64, 2)
			got.FillTo(a, []byte(id))
			want.FillTo(b, []byte(id))
			if fmt.Sprint(a) != fmt.Sprint(b) {
				t.Fatalf("seed %d: %s: got %v, want %v", seed, id, a, b)
			}
		}
		if got.Disagreeing(0) != 1 || got.Disagreeing(1) != 1 {
			t.Fatalf("seed %d: got %d and %d who disagree, want 1 and 1", seed, got.Disagreeing(0), got.Disagreeing(1))
		}
	}
}

// Many customers, whose ids share beginnings, against a map.
func TestAttributesFindEveryCustomer(t *testing.T) {
	const seed, customers = 32, 20_000
	rng := rand.New(rand.NewPCG(seed, 0))
	a, want := datasets.NewAttributes([]datasets.Attribute{{Name: "n"}}), map[string]int64{}
	for range customers {
		id := strings.Repeat("x", rng.IntN(12)) + fmt.Sprint(rng.IntN(2*customers))
		v := rng.Int64N(1e15)
		if _, known := want[id]; known {
			continue
		}
		want[id] = v
		a.SetNumber(a.Customer([]byte(id)), 0, v)
	}
	a.Settle()
	dst := make([]float64, 1)
	for id, v := range want {
		if !a.FillTo(dst, []byte(id)) || dst[0] != float64(v)/1e6 {
			t.Fatalf("seed %d: %s: got %v, want %v", seed, id, dst[0], float64(v)/1e6)
		}
		if _, known := want[id+"x"]; !known && a.FillTo(dst, []byte(id+"x")) {
			t.Fatalf("seed %d: %sx: got a customer nobody entered", seed, id)
		}
	}
	if a.Len() != len(want) {
		t.Errorf("got %d customers, want %d", a.Len(), len(want))
	}
	a.Forget()
	if a.FillTo(dst, []byte("x1")) || a.Len() != 0 {
		t.Error("got a customer after all were let go of")
	}
}

func TestCategoriesAreBounded(t *testing.T) {
	a := datasets.NewAttributes([]datasets.Attribute{{Name: "city", Category: true}})
	customer := a.Customer([]byte("ann"))
	for i := range datasets.MaxCategories {
		if !a.SetCategory(a.Customer(fmt.Append(nil, i)), 0, fmt.Append(nil, i)) {
			t.Fatalf("got no room for category %d", i+1)
		}
	}
	if a.SetCategory(customer, 0, []byte("one more")) {
		t.Errorf("got room for more than %d categories", datasets.MaxCategories)
	}
	if !a.SetCategory(customer, 0, []byte("65533")) {
		t.Error("got no room for a category that is there")
	}
	a.Settle()
	dst := make([]float64, 1)
	for _, id := range []string{"ann", "65533"} { // whose code is the last
		if a.FillTo(dst, []byte(id)); string(a.Categories(0).At(int(dst[0]))) != "65533" {
			t.Errorf("%s: got %s, want 65533", id, a.Categories(0).At(int(dst[0])))
		}
	}
}

func BenchmarkAttributes(b *testing.B) {
	const customers = 3_000_000
	ids := make([][]byte, customers)
	for i := range ids {
		ids[i] = fmt.Appendf(nil, "C%07d", i)
	}
	list := []datasets.Attribute{{Name: "age"}, {Name: "city", Category: true}, {Name: "gender", Category: true}, {Name: "target"}}
	cities := make([][]byte, 500)
	for i := range cities {
		cities[i] = fmt.Appendf(nil, "city %d", i)
	}
	var a *datasets.Attributes
	b.Run("fill", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			a = datasets.NewAttributes(list)
			for i, id := range ids {
				c := a.Customer(id)
				a.SetNumber(c, 0, int64(i%80)*1e6)
				a.SetCategory(c, 1, cities[i%500])
				a.SetCategory(c, 2, cities[i%2])
				a.SetNumber(c, 3, int64(i)*1e6)
			}
			a.Settle()
		}
		b.ReportMetric(float64(a.Bytes())/(1<<20), "MiB")
	})
	b.Run("find", func(b *testing.B) {
		dst, i := make([]float64, 4), 0
		for b.Loop() {
			a.FillTo(dst, ids[i])
			i = (i + 7919) % customers
		}
	})
}
