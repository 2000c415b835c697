package loyalty

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

func day(text string) datasets.Day {
	d, err := datasets.ParseDay(text)
	if err != nil {
		panic(err)
	}
	return d
}

func TestPeriodsFollowTheCalendar(t *testing.T) {
	f := func(kind, first, last string, starts ...string) {
		t.Helper()
		p := newPeriods(kind, day(first), day(last))
		var got []string
		for _, s := range p.starts {
			got = append(got, s.String())
		}
		if !slices.Equal(got, starts) || p.len() != len(starts)-1 {
			t.Errorf("%s: got %v, want %v", kind, got, starts)
		}
		for d := day(first); d <= day(last); d++ {
			if at := p.at(d); p.starts[at] > d || p.starts[at+1] <= d {
				t.Errorf("%s: got %v in the period from %v", kind, d, p.starts[at])
			}
		}
	}
	f(month, "2011-11-30", "2012-01-01", "2011-11-01", "2011-12-01", "2012-01-01", "2012-02-01")
	f(quarter, "2011-09-30", "2012-01-01", "2011-07-01", "2011-10-01", "2012-01-01", "2012-04-01")
	f(week, "2011-12-04", "2011-12-12", "2011-11-28", "2011-12-05", "2011-12-12", "2011-12-19")
	f(week, "1969-12-31", "1970-01-05", "1969-12-29", "1970-01-05", "1970-01-12")

	p := newPeriods(month, day("2011-11-30"), day("2011-12-31"))
	if !p.complete(1, day("2011-12-31")) || p.complete(1, day("2011-12-30")) || !p.complete(0, day("2011-11-30")) {
		t.Error("a period is complete from the end of its last day on")
	}
	if p.name(1) != "2011-12" || newPeriods(quarter, 0, 1).name(0) != "1970-Q1" || newPeriods(week, 0, 1).name(0) != "1969-12-29" {
		t.Error("got other names of periods")
	}
}

// line is a line item of a test: returns have a quantity below 0.
type line struct {
	day      int
	order    uint32
	product  uint32
	quantity int
	amount   float64
}

func events(lines ...line) *datasets.Events {
	ev := &datasets.Events{}
	for _, l := range lines {
		ev.Time = append(ev.Time, datasets.Moment(l.day)*datasets.FullDay+datasets.Hour)
		ev.Order, ev.Product = append(ev.Order, l.order), append(ev.Product, l.product)
		ev.Quantity = append(ev.Quantity, datasets.Quantity(l.quantity)*datasets.One)
		ev.Amount = append(ev.Amount, datasets.Money(math.Round(l.amount*float64(datasets.Unit))))
		ev.Return = append(ev.Return, l.quantity < 0)
	}
	return ev
}

func TestColumnsOfACustomer(t *testing.T) {
	d := deriver{periods: newPeriods(month, 0, 100)}
	f := func(ev *datasets.Events, want ...float64) {
		t.Helper()
		got := make([]float64, len(common))
		d.set(got, &mining.Customer{Past: features.Cut(*ev, 95)}) // 1970-04-06
		for k, v := range got {
			if math.Abs(v-want[k]) > 1e-12 || math.IsNaN(v) != math.IsNaN(want[k]) {
				t.Errorf("%s: got %v, want %v", common[k], v, want[k])
			}
		}
	}
	nan := math.NaN()
	// January, February and April; gaps of 10, 30 and 50 days: mean 30, deviation 20.
	f(events(line{3, 0, 0, 1, 5}, line{3, 1, 0, 1, 5}, line{13, 2, 0, 1, 1}, line{43, 3, 1, 2, 2}, line{50, 4, 1, -1, -1}, line{93, 5, 1, 1, 7}, line{96, 6, 1, 1, 7}),
		3, 4, 10, 2.0/3, 20e6, 1e6, nan)
	f(events(line{40, 0, 0, 1, 5}, line{41, 1, 0, 1, 5}), 1, 3, 1, nan, 10e6, 0, nan)
	f(events(line{95, 0, 0, 1, 5}), 1, 1, nan, nan, 5e6, 0, nan)
	f(events(line{95, 0, 0, -1, -5}), nan, nan, nan, nan, nan, nan, nan)

	ev := events(line{95, 0, 0, 1, 6}, line{95, 0, 1, 1, 3})
	ev.Discount = []datasets.Money{datasets.Unit, datasets.NoMoney}
	f(ev, 1, 1, nan, nan, 9e6, 0, 0.1)
}

func TestHoldingsCountProductsBoughtAgain(t *testing.T) {
	var h holdings
	h.read(events(line{1, 0, 7, 2, 4}, line{1, 0, 7, 1, 2}, line{1, 0, 3, 1, 9}, line{2, 1, 3, 4, 30}, line{3, 2, 3, -1, -9}, line{4, 3, datasets.NoCode, 1, 5}))
	want := []holding{{3, 5 * datasets.One, 39 * datasets.Unit}, {7, 3 * datasets.One, 6 * datasets.Unit}}
	if !slices.Equal(h.products, want) || h.repeated != 1 || h.uncoded != 5*datasets.Unit || h.repeatedShare() != 0.5 {
		t.Fatalf("got %+v", h)
	}
	medians := make([]float64, 8)
	medians[3], medians[7] = 10e6, 1.5e6
	if got := h.atMedians(medians); got != 50e6+4.5e6+5e6 {
		t.Errorf("got %v at median prices, want 59.5 million", got)
	}
	medians[3] = unknown
	if got := h.atMedians(medians); got != 39e6+4.5e6+5e6 {
		t.Errorf("got %v with a product that came later, want 48.5 million", got)
	}
	if !math.IsNaN(priceIndex(5, 0)) || priceIndex(3, 2) != 1.5 {
		t.Error("got another price index")
	}
}

func TestUnitPricesAreRoundedToAMillionth(t *testing.T) {
	f := func(amount datasets.Money, quantity datasets.Quantity, want datasets.Money) {
		t.Helper()
		if got := unitPrice(amount, quantity); got != want {
			t.Errorf("%d for %d: got %d, want %d", amount, quantity, got, want)
		}
	}
	f(2_940_000, 7_000_000, 420_000)
	f(1_000_000, 3_000_000, 333_333)
	f(2_000_000, 3_000_000, 666_667)
	f(1_000_000, 500_000, 2_000_000)
	f(math.MaxInt64, 1, math.MaxInt64)
	f(math.MaxInt64, datasets.One, math.MaxInt64)
}

// pricesOf counts lines with quantities of one, dealt out to workers.
func pricesOf(limit, workers int, lines []datasets.Money) *prices {
	all := &prices{limit: limit, products: make([]priceCounts, 1)}
	for w := range workers {
		p := &prices{limit: limit, products: make([]priceCounts, 1)}
		for i := w; i < len(lines); i += workers {
			p.add(0, lines[i], datasets.One)
		}
		all.merge(p)
	}
	return all
}

func TestMediansOfPricesAreExactUpToTheLimit(t *testing.T) {
	f := func(want float64, lines ...datasets.Money) {
		t.Helper()
		got, rounded := pricesOf(8, 2, lines).medians()
		if got[0] != want || rounded != 0 {
			t.Errorf("%v: got the median %v, %d rounded, want %v", lines, got[0], rounded, want)
		}
	}
	f(0)
	f(0, 0, 0) // free
	f(5, 5)
	f(4.5, 5, 4)
	f(4, 9, 4, 4)
	f(4, 4, 9, 4, 0, 0, 0)
}

func TestManyPricesAreRoundedAlikeByAnyNumberOfWorkers(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 0))
	var lines []datasets.Money
	var exact []float64
	for range 501 {
		price := datasets.Money(1_000_000 + rng.IntN(3_000_000))
		lines, exact = append(lines, price), append(exact, float64(price))
	}
	slices.Sort(exact)
	one := pricesOf(64, 1, lines)
	median, rounded := one.medians()
	if rounded != 1 || math.Abs(median[0]/exact[250]-1) > 1.0/256 {
		t.Errorf("got the median %v, %d rounded, want %v within 1/256", median[0], rounded, exact[250])
	}
	for _, workers := range []int{2, 3, 8} {
		if p := pricesOf(64, workers, lines); !reflect.DeepEqual(p.products, one.products) {
			t.Errorf("%d workers: got other counts", workers)
		}
	}
}

func TestHoldingsComeBackFromMemoryAndDisk(t *testing.T) {
	want := []holdings{
		{products: []holding{{product: 3, quantity: 5 * datasets.One}, {product: 900_000, quantity: 1}, {product: math.MaxUint32 - 1, quantity: datasets.One / 2}}, repeated: 2},
		{uncoded: -7},
		{products: []holding{{product: 0, quantity: 12}}, uncoded: 1 << 60, repeated: 1},
	}
	for _, budget := range []int64{0, 1} {
		space := spill.New(t.TempDir(), 1)
		s := store{budget: budget, spill: space, blocks: make([]block, 4)}
		if err := s.put(1, 0, 2, appendHoldings(appendHoldings(nil, &want[0]), &want[1])); err != nil {
			t.Fatal(err)
		}
		if err := s.put(3, 0, 1, appendHoldings(nil, &want[2])); err != nil {
			t.Fatal(err)
		}
		if before, n := s.offsets(); n != 3 || before[1] != 0 || before[3] != 2 {
			t.Errorf("got the offsets %v of %d", before, n)
		}
		at := 0
		err := s.each(func(h *holdings) {
			if w := &want[at]; !slices.Equal(h.products, w.products) || h.repeated != w.repeated || h.uncoded != w.uncoded {
				t.Errorf("budget %d, customer %d: got %+v, want %+v", budget, at, h, w)
			}
			at++
		})
		if err != nil || at != 3 {
			t.Errorf("got %d customers, %v", at, err)
		}
		if (space.Bytes() > 0) != (budget > 0) {
			t.Errorf("budget %d: got %d bytes on disk", budget, space.Bytes())
		}
		s.close()
		s.close()
		if err := space.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestCustomerNumbersKeepTheirIdentities(t *testing.T) {
	c := newCounts(5)
	c.add(0, -1, 0, 10) // periods 0, 1 and 3
	c.add(0, 0, 1, 20)
	c.add(0, 1, 3, 30)
	c.leave(3)
	c.add(1, -1, 1, 5) // period 1 alone
	c.leave(1)
	if err := c.check(2); err != nil {
		t.Fatal(err)
	}
	var got [][5]int64
	for _, n := range c.numbers {
		got = append(got, [5]int64{n.active, n.fresh, n.kept, n.reactivated, n.lapsed})
	}
	want := [][5]int64{{1, 1}, {2, 1, 1}, {0, 0, 0, 0, 2}, {1, 0, 0, 1, 0}, {0, 0, 0, 0, 1}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	p := newPeriods(month, day("2011-01-15"), day("2011-05-30"))
	if r := c.pooled(p, day("2011-05-30"), 3, false); r != (retention{1, 1}) {
		t.Errorf("got %+v after three periods, want 1 of 1: the period of the other is not over", r)
	}
	if r := c.pooled(p, day("2011-05-30"), 3, true); r != (retention{1, 2}) {
		t.Errorf("got %+v with the unfinished period, want 1 of 2", r)
	}
	if r := c.pooled(p, day("2011-05-30"), 12, true); !math.IsNaN(r.share()) {
		t.Errorf("got %+v beyond the history", r)
	}
	if c.check(3) == nil {
		t.Error("got another number of customers accepted")
	}
	c.numbers[1].lapsed++
	if c.check(2) == nil {
		t.Error("got numbers accepted that do not add up")
	}
}

func TestSecondPurchasesWithinDays(t *testing.T) {
	var r repeats
	r.add([]datasets.Day{0, 30}, 100)
	r.add([]datasets.Day{0, 31}, 100)
	r.add([]datasets.Day{71}, 100) // 29 days ago: too lately for any window
	r.add([]datasets.Day{70}, 100)
	if r.within != [5]int64{1, 2, 2} || r.eligible != [5]int64{3, 2, 2} || r.second.Open() != 2 {
		t.Errorf("got %+v", r)
	}
}

// example is a model over ten customers, whose signs are all different.
func example() *Model {
	var values []float64
	for i := range 10 {
		values = append(values, float64(i)/10)
	}
	r := mining.NewRanks(values, 100)
	return &Model{
		Cohort: month, Related: true, Products: map[string]float64{"a": 1.5}, Price: r, Discount: r, Repeated: r, Rhythm: r, Kept: r, Money: r, Value: r,
		AllPrice: r, AllQuality: r,
	}
}

func TestTheLargestIndexNamesTheRelationship(t *testing.T) {
	m := example()
	nan := math.NaN()
	f := func(price, repeated, cv, money float64, want int32) {
		t.Helper()
		s := signs{price: price, repeated: repeated, cv: cv, money: money, returned: money, quality: nan}
		if got := m.kind(&s); got != want {
			t.Errorf("%+v: got %s, want %s by %v", s, names[got], names[want], m.indices(&s))
		}
	}
	f(0, 0.1, 0.9, 0.1, priceLed)
	f(0.9, 0.9, 0.9, 0.1, productLed)
	f(0.9, 0.1, 0, 0.1, needLed)
	f(0.5, 0.4, 0.5, 0.1, mixed)
	f(0, 0.9, 0, 0.1, priceLed) // equal: the first
	f(0, 0.9, nan, 0.1, undetermined)
	f(nan, 0.9, 0.1, 0.1, undetermined)
	s := signs{price: 0.9, repeated: 0.1, cv: 0.9, money: 0.9, quality: nan}
	if got := m.kind(&s); got != valueLed {
		t.Errorf("got %s, want value_led by %v", names[got], m.indices(&s))
	}
	m.Discounts = true
	s.discount = 0.95
	if got := m.kind(&s); got != priceLed {
		t.Errorf("got %s with discounts, want price_led by %v", names[got], m.indices(&s))
	}
	m.Related = false
	if got := m.kind(&s); got != -1 {
		t.Errorf("got %d where nobody has a relationship", got)
	}
}

func TestValueForMoneyIsARatioOfRanks(t *testing.T) {
	m := example()
	m.Quality = "answer"
	s := signs{price: 0.1, quality: 0.7} // ranks 2 and 8 of 10
	if got := m.customerValue(&s); math.Abs(got-4) > 1e-12 {
		t.Errorf("got %v, want 8/2", got)
	}
	s.quality = math.NaN()
	if got := m.customerValue(&s); !math.IsNaN(got) {
		t.Errorf("got %v of a customer who gave no answer, want none", got)
	}
}

func TestTiesOfQualityAreCounted(t *testing.T) {
	if tie, known := largestTie([]float64{1, 1, math.NaN(), 0.5, 1, 0.5}); tie != 3 || known != 5 {
		t.Errorf("got %d of %d, want 3 of 5", tie, known)
	}
}

func TestModelsReadBackAndDamageIsRefused(t *testing.T) {
	m := example()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back Model
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(*m, back) || back.Validate() != nil {
		t.Errorf("got %+v, %v, %v", back, err, back.Validate())
	}
	for name, damage := range map[string]func(*Model){
		"cohort": func(m *Model) { m.Cohort = "year" },
		"price":  func(m *Model) { m.Products["a"] = -1 },
		"ranks":  func(m *Model) { m.Money.Ranks = m.Money.Ranks[1:] },
		"n":      func(m *Model) { m.AllPrice.N = 3 },
	} {
		bad := example()
		damage(bad)
		if bad.Validate() == nil {
			t.Errorf("%s: got it accepted", name)
		}
	}
}
