package synth

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
)

func TestRowsComeInTheOrderOfTime(t *testing.T) {
	c := small()
	rows := rowsOf(t, retailer(t, c))
	first, last := datasets.Moment(c.Start)*datasets.FullDay, datasets.Moment(c.Start+datasets.Day(c.Days))*datasets.FullDay
	for i, row := range rows {
		if row.Time < first || row.Time >= last {
			t.Fatalf("row %d is of %s, outside the history", i, row.Time)
		}
		if i == 0 {
			continue
		}
		p := rows[i-1]
		same := row.Order == p.Order && row.Time == p.Time && row.Customer == p.Customer && row.Channel == p.Channel && row.Return == p.Return
		if next := row.Order == p.Order+1 && row.Time >= p.Time; !same && !next {
			t.Fatalf("row %d, %+v, does not follow %+v", i, row, p)
		}
	}
}

func TestAmountsAreSound(t *testing.T) {
	for _, row := range rowsOf(t, retailer(t, small())) {
		sign := 1
		if row.Return {
			sign = -1
		}
		if row.Quantity*sign < 1 || row.UnitPrice < cent || row.Discount < 0 || row.Cost*datasets.Money(sign) < 0 ||
			row.UnitPrice%cent != 0 || row.Discount%cent != 0 || row.Cost%cent != 0 {
			t.Fatalf("an impossible row: %+v", row)
		}
	}
}

func TestSharesAreNearTheirSettings(t *testing.T) {
	for _, share := range []float64{0, 0.02, 0.08} {
		c := Default()
		c.ReturnShare = share
		returns, orders, lines := 0.0, map[int64]bool{}, 0.0
		for _, row := range rowsOf(t, retailer(t, c)) {
			if row.Return {
				returns++
				continue
			}
			orders[row.Order] = true
			lines++
		}
		if got := returns / float64(c.Lines); math.Abs(got-share) > 0.05*share {
			t.Errorf("a share of %.4f are returns, want %g", got, share)
		}
		if got := lines / float64(len(orders)); math.Abs(got-c.LinesPerOrder) > 0.1*c.LinesPerOrder {
			t.Errorf("an order has %.3f lines, want about %g", got, c.LinesPerOrder)
		}
	}
}

func TestReturnsAreOfWhatWasBought(t *testing.T) {
	type key struct {
		customer int64
		product  string
		price    datasets.Money
	}
	bought := map[key]int{}
	for _, row := range rowsOf(t, retailer(t, small())) {
		k := key{row.Customer, row.Product, row.UnitPrice}
		bought[k] += row.Quantity
		if row.Return && (row.Customer == 0 || bought[k] < 0) {
			t.Fatalf("%+v returns what was not bought", row)
		}
	}
}

func TestWhoDropsOutNeverBuysAgain(t *testing.T) {
	r := retailer(t, Default())
	dropped := 0
	for i := range r.Config().Customers {
		if truth, _ := r.Truth(r.Customer(i)); truth.Dropped {
			dropped++
		}
	}
	if n := r.Config().Customers; dropped < n/10 || dropped > n*7/10 {
		t.Errorf("%d of %d drop out, want some, not most", dropped, n)
	}
	last := map[int64]datasets.Day{}
	for _, row := range rowsOf(t, r) {
		if row.Customer == 0 || row.Return {
			continue
		}
		truth, ok := r.Truth(row.Customer)
		day := row.Time.Day()
		if !ok || day < truth.Arrival || truth.Dropped && day >= truth.DropOut {
			t.Fatalf("customer %d buys on %s; the truth is %+v, %v", row.Customer, day, truth, ok)
		}
		last[row.Customer] = day
	}
	// A drop-out must show: who stays was seen much later, in the mean.
	var sum, n [2]float64
	for id, day := range last {
		truth, _ := r.Truth(id)
		k := 0
		if truth.Dropped {
			k = 1
		}
		sum[k] += float64(day)
		n[k]++
	}
	if stay, left := sum[0]/n[0], sum[1]/n[1]; stay < left+100 {
		t.Errorf("the last purchase of those who stay is on day %.0f in the mean, of those who leave %.0f", stay, left)
	}
}

// basketsOf returns the distinct products of each order.
func basketsOf(rows []Row) map[int64][]string {
	baskets := map[int64][]string{}
	for _, row := range rows {
		if !row.Return && !slices.Contains(baskets[row.Order], row.Product) {
			baskets[row.Order] = append(baskets[row.Order], row.Product)
		}
	}
	return baskets
}

func TestPlantedGroupsAreBoughtTogether(t *testing.T) {
	r := retailer(t, Default())
	baskets := basketsOf(rowsOf(t, r))
	count := func(products ...string) float64 {
		n := 0.0
		for _, basket := range baskets {
			all := true
			for _, p := range products {
				all = all && slices.Contains(basket, p)
			}
			if all {
				n++
			}
		}
		return n
	}
	groups := r.Affinities()
	if len(groups) != maxGroups {
		t.Fatalf("got %d groups, want %d", len(groups), maxGroups)
	}
	visible := 0
	for _, g := range groups {
		a, b := g.Products[0], g.Products[1]
		both, all := count(a, b), float64(len(baskets))
		if lift := both * all / (count(a) * count(b)); lift <= 3 {
			t.Errorf("%v: lift %.2f, want above 3", g.Products, lift)
		}
		if both/all >= 0.01 && both/count(a) >= 0.5 {
			visible++
		}
		// The orders with the group are a known share of those with room for it.
		room := 0.0
		for _, basket := range baskets {
			if len(basket) >= len(g.Products) {
				room++
			}
		}
		want := room * g.Share * g.Hold * g.Hold
		if math.Abs(both-want) > 5*math.Sqrt(want)+0.1*want {
			t.Errorf("%v: %.0f orders have the first two, want about %.0f", g.Products, both, want)
		}
	}
	if visible < 4 {
		t.Errorf("%d groups pass a support of 0.01 and a confidence of 0.5, want at least 4", visible)
	}
}

func TestNothingElseIsBoughtTogether(t *testing.T) {
	r := retailer(t, Default())
	together := map[[2]string]bool{}
	for _, g := range r.Affinities() {
		for _, a := range g.Products {
			for _, b := range g.Products {
				together[[2]string{a, b}] = true
			}
		}
	}
	baskets := basketsOf(rowsOf(t, r))
	pairs := map[[2]string]int{}
	for _, basket := range baskets {
		for _, a := range basket {
			for _, b := range basket {
				if a < b {
					pairs[[2]string{a, b}]++
				}
			}
		}
	}
	for pair, n := range pairs {
		if float64(n) >= 0.01*float64(len(baskets)) && !together[pair] {
			t.Errorf("%v is in %d of %d orders without having been planted", pair, n, len(baskets))
		}
	}
}

func TestSeasonsAndHoursShow(t *testing.T) {
	c := Default()
	c.Days = 731
	var month [13]float64
	var hour [24]float64
	weekend := map[string][2]float64{}
	r := retailer(t, c)
	for _, row := range rowsOf(t, r) {
		date := row.Time.Day().Date()
		month[date.Month()]++
		hour[row.Time.Hour()]++
		truth, known := r.Truth(row.Customer)
		if !known || row.Return {
			continue
		}
		n := weekend[truth.Segment]
		if date.Weekday() == time.Saturday || date.Weekday() == time.Sunday {
			n[0]++
		}
		n[1]++
		weekend[truth.Segment] = n
	}
	if month[time.December] < 1.4*month[time.June] || month[time.November] < 1.2*month[time.June] || month[time.February] > 0.95*month[time.June] {
		t.Errorf("no season: lines by month %v", month)
	}
	if hour[3] != 0 || hour[12] < 2*hour[8] {
		t.Errorf("no day: lines by hour %v", hour)
	}
	share := func(segment string) float64 { return weekend[segment][0] / weekend[segment][1] }
	if share("wholesale") > 0.08 || share("occasional") < 2.0/7 {
		t.Errorf("at weekends: wholesale %.3f of the lines, occasional %.3f", share("wholesale"), share("occasional"))
	}
}

func TestSegmentsDiffer(t *testing.T) {
	r := retailer(t, Default())
	type sums struct{ customers, lines, pieces, discounted float64 }
	by := map[string]*sums{}
	for i := range r.Config().Customers {
		truth, _ := r.Truth(r.Customer(i))
		if by[truth.Segment] == nil {
			by[truth.Segment] = &sums{}
		}
		by[truth.Segment].customers++
	}
	for _, row := range rowsOf(t, r) {
		if truth, known := r.Truth(row.Customer); known && !row.Return {
			s := by[truth.Segment]
			s.lines++
			s.pieces += float64(row.Quantity)
			if row.Discount > 0 {
				s.discounted++
			}
		}
	}
	if len(by) != len(Segments()) {
		t.Fatalf("got %d segments, want %d", len(by), len(Segments()))
	}
	for i, s := range segments {
		got := by[s.name]
		n := float64(r.Config().Customers)
		if sd := math.Sqrt(n * s.share * (1 - s.share)); math.Abs(got.customers-n*s.share) > 5*sd {
			t.Errorf("%s: %g customers, want about %g", Segments()[i], got.customers, n*s.share)
		}
		if share := got.discounted / got.lines; math.Abs(share-s.discount) > 0.03 {
			t.Errorf("%s: %.3f of the lines have a discount, want %g", s.name, share, s.discount)
		}
		if mean := got.pieces / got.lines / float64(s.pack); math.Abs(mean-s.quantity) > 0.1*s.quantity {
			t.Errorf("%s: %.2f packs a line, want %g", s.name, mean, s.quantity)
		}
	}
	if by["wholesale"].lines/by["wholesale"].customers < 3*by["occasional"].lines/by["occasional"].customers {
		t.Error("wholesale customers buy no more than occasional ones")
	}
}

func TestTheTailIsHeavy(t *testing.T) {
	c := Default()
	c.Customers, c.Lines = 20_000, 600_000
	r := retailer(t, c)
	var lines []int
	for i := range c.Customers {
		truth, _ := r.Truth(r.Customer(i))
		lines = append(lines, truth.Lines)
	}
	slices.Sort(lines)
	if median, most := lines[len(lines)/2], lines[len(lines)-1]; median > 20 || most < 1000 {
		t.Errorf("median %d lines, most %d; want a heavy tail around a mean of 29", median, most)
	}
}
