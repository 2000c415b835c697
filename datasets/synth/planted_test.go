package synth

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// demo returns a smaller retailer with everything in it.
func demo() Config {
	c := Demo()
	c.Customers, c.Lines, c.Prospects = 3_000, 60_000, 400
	return c
}

func TestLinesOfCampaignsComeOnTopOfAllOthers(t *testing.T) {
	c := demo()
	with := retailer(t, c)
	rows := rowsOf(t, with)
	if len(rows) != with.Lines() || with.Lines() <= c.Lines {
		t.Fatalf("got %d rows, Lines %d, want both alike and above %d", len(rows), with.Lines(), c.Lines)
	}
	c.Campaigns = nil
	count := map[Row]int{}
	for _, row := range rows {
		row.Order = 0 // orders are numbered by time
		count[row]++
	}
	for _, row := range rowsOf(t, retailer(t, c)) {
		row.Order = 0
		if count[row]--; count[row] < 0 {
			t.Fatalf("%+v is gone with the campaigns", row)
		}
	}
}

func TestCampaignsBringWhatTheyAreMeantTo(t *testing.T) {
	c := Demo()
	c.Customers, c.Lines = 20_000, 400_000
	r := retailer(t, c)
	treatedAt, drawn := map[int64]bool{}, map[string][2]int{}
	expected := 0.0
	err := r.EachDrawn(func(d Drawn) error {
		n := drawn[d.Campaign]
		if d.Treated {
			n[0]++
		} else {
			n[1]++
		}
		drawn[d.Campaign] = n
		truth, _ := r.Truth(d.Customer)
		if day := d.Time.Day(); day < truth.Arrival || truth.Dropped && day >= truth.DropOut {
			t.Fatalf("customer %d is drawn on %s; the truth is %+v", d.Customer, day, truth)
		}
		if d.Campaign == "spring-mailing" && d.Treated {
			treatedAt[d.Customer] = true
			expected += d.Uplift
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for k, m := range c.Campaigns {
		n := drawn[m.Name]
		if got := float64(n[1]) / float64(n[0]+n[1]); math.Abs(got-m.Holdout) > 0.02 {
			t.Errorf("campaign %d: a share of %.3f is held out, want %g", k, got, m.Holdout)
		}
	}
	if drawn["postcard"] == [2]int{} {
		t.Fatal("nobody got the postcard")
	}
	orders := 0.0
	for _, e := range r.extras {
		if !treatedAt[r.ids.id(int(e.customer))] {
			t.Fatalf("customer %d orders by a campaign that did not reach them", e.customer)
		}
		orders++
	}
	if orders > expected+4*math.Sqrt(expected) || orders < 0.97*expected-4*math.Sqrt(expected) { // some drop out first
		t.Errorf("%g orders more, want about %.0f", orders, expected)
	}
}

func TestProductsAreBoughtWhileTheyAreSold(t *testing.T) {
	r := retailer(t, demo())
	offers := map[string]Offer{}
	launched, withdrawn := 0, 0
	for _, o := range r.Offers() {
		offers[o.Product] = o
		if o.Launched != 0 {
			launched++
		}
		if o.Withdrawn != 0 {
			withdrawn++
		}
	}
	n := float64(r.Config().Products)
	if math.Abs(float64(launched)/n-0.15) > 0.03 || math.Abs(float64(withdrawn)/n-0.1) > 0.03 {
		t.Errorf("%d launched and %d withdrawn of %g", launched, withdrawn, n)
	}
	for _, row := range rowsOf(t, r) {
		o, known := offers[row.Product]
		if day := row.Time.Day(); known && !row.Return && (day < o.Launched || o.Withdrawn != 0 && day >= o.Withdrawn) {
			t.Fatalf("%+v is bought when it is not sold: %+v", row, o)
		}
	}
}

func TestFilesOfPeopleHaveARowEach(t *testing.T) {
	r := retailer(t, demo())
	var customers, prospects, again bytes.Buffer
	for _, err := range []error{r.WriteCustomers(t.Context(), &customers), r.WriteProspects(t.Context(), &prospects), r.WriteCustomers(t.Context(), &again)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if customers.String() != again.String() {
		t.Error("the file of customers differs the second time")
	}
	for _, f := range []struct {
		text   string
		header string
		rows   int
	}{
		{customers.String(), "id,age,sex,household,business,consent,quality,sales_target", 3_000},
		{prospects.String(), "id,age,sex,household,business,consent", 400},
	} {
		header, body, _ := strings.Cut(f.text, "\n")
		if header != f.header || strings.Count(body, "\n") != f.rows {
			t.Errorf("got %s and %d rows, want %s and %d", header, strings.Count(body, "\n"), f.header, f.rows)
		}
	}
}

func TestAttributesTellSegmentsApart(t *testing.T) {
	r := retailer(t, demo())
	age, n, business := map[string]float64{}, map[string]float64{}, map[string]float64{}
	add := func(p Person) {
		if p.Age > 0 {
			age[p.Segment()] += float64(p.Age)
			n[p.Segment()]++
			if p.Business {
				business[p.Segment()]++
			}
		}
	}
	for i := range r.Config().Customers {
		add(r.Person(i))
	}
	for i := range r.Config().Prospects {
		add(r.Prospect(i))
	}
	mean := func(s string) float64 { return age[s] / n[s] }
	if !(mean("passing") < mean("bargain")-2 && mean("bargain") < mean("regular")-5 && mean("regular") < mean("devoted")-5) {
		t.Errorf("got the mean ages %v of %v", age, n)
	}
	if business["wholesale"] < 0.6*n["wholesale"] || business["regular"] > 0.1*n["regular"] {
		t.Errorf("got %v for a business, of %v", business, n)
	}
}

func TestLifetimesHaveTheMomentsOfTheirModel(t *testing.T) {
	c := DefaultLifetimes()
	c.Customers = 40_000
	all, err := c.Lifetimes()
	if err != nil {
		t.Fatal(err)
	}
	rate, drop, mean := 0.0, 0.0, 0.0
	for _, l := range all {
		rate, drop, mean = rate+l.Rate, drop+l.DropOutProb, mean+l.OrderMean
		for k, o := range l.Orders {
			if k > 0 && o.Time < l.Orders[k-1].Time || o.Amount < cent {
				t.Fatalf("got the orders %v", l.Orders)
			}
		}
	}
	n := float64(c.Customers)
	for _, f := range []struct {
		name      string
		got, want float64
	}{{"rate", rate / n, c.R / c.Alpha}, {"drop-out", drop / n, c.A / (c.A + c.B)}, {"order", mean / n, c.P * c.Gamma / (c.Q - 1)}} {
		if math.Abs(f.got-f.want) > 0.02*f.want {
			t.Errorf("%s: got a mean of %g, want %g", f.name, f.got, f.want)
		}
	}
}

func TestFaultsOfPlantedTruthsAreReported(t *testing.T) {
	c := Demo()
	c.LaunchShare, c.Prospects = 0.5, -1
	c.Campaigns[0].Uplift = map[string]float64{"nobody": 0.1}
	c.Campaigns[1].Name, c.Campaigns[1].Holdout = c.Campaigns[0].Name, 1
	err := c.Validate()
	for _, want := range []string{"launch share", "prospects", "campaigns[0].uplift", "campaigns[1].name", "campaigns[1].holdout"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a fault of %s", err, want)
		}
	}
	l := DefaultLifetimes()
	l.Q, l.Arrivals = 1, 0
	if err := l.Validate(); err == nil || !strings.Contains(err.Error(), "q: got") || !strings.Contains(err.Error(), "arrivals") {
		t.Errorf("got %v", err)
	}
}
