package reference

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/models/drift"
)

// tableOf returns a table of customers whose column x is given, and y is 2x. The customers are
// named in the order of x.
func tableOf(t *testing.T, x []float64) *features.Table {
	t.Helper()
	const buckets = 4
	table, err := features.NewTable(features.TableConfig{Names: []string{"x", "y"}, Buckets: buckets, Memory: 64 << 20, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { table.Close() })
	for b := range buckets {
		builder := table.Bucket(b, 0)
		for i := b; i < len(x); i += buckets {
			row, err := builder.Next(fmt.Appendf(nil, "c%07d", i))
			if err != nil {
				t.Fatal(err)
			}
			row[0], row[1] = x[i], 2*x[i]
		}
		if err := builder.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	return table
}

func upTo(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return x
}

func learn(t *testing.T, c Customers, names ...string) map[string]drift.Reference {
	t.Helper()
	c.Workers = 2
	got, err := Learn(context.Background(), c, names)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestReferenceIsOfCustomersWithAPurchaseAlone(t *testing.T) {
	x := upTo(101)
	var buyers []uint32
	for i := range x {
		if i%2 == 1 {
			x[i] = -1e9 // of somebody who only returned goods
			continue
		}
		buyers = append(buyers, uint32(i))
	}
	got := learn(t, Customers{Table: tableOf(t, x), Buyers: buyers}, "x", "nothing of the kind")
	if len(got) != 1 || !reflect.DeepEqual(got["x"].Edges, []float64{10, 20, 30, 40, 50, 60, 70, 80, 90}) {
		t.Errorf("got %v, want the tenths from 10 to 90 of x alone", got)
	}
	if none := learn(t, Customers{Table: tableOf(t, x), Buyers: []uint32{}}, "x"); len(none) != 0 {
		t.Errorf("nobody bought: got %v, want nothing", none)
	}
}

func TestVeryManyCustomersAreSampledTheSameWayEveryTime(t *testing.T) {
	const n = 3 * sampled / 2
	table := tableOf(t, upTo(n))
	c := Customers{Table: table, Seed: 3}
	one, two := learn(t, c, "x"), learn(t, c, "y", "x")
	if !reflect.DeepEqual(one["x"], two["x"]) {
		t.Error("got another reference of x beside y")
	}
	for i, e := range one["x"].Edges {
		if want := float64(i+1) / 10 * n; math.Abs(e-want) > 0.01*n {
			t.Errorf("edge %d: got %v, want about %v", i+1, e, want)
		}
	}
	shifts, err := (&Reference{Features: learn(t, Customers{Table: table, Seed: 4, Workers: 1}, "x")}).Shifts(context.Background(), c)
	if err != nil || len(shifts) != 1 || shifts[0].PSI > 1e-3 {
		t.Errorf("two samples of the same customers: got %v, %v; want a PSI below 0.001", shifts, err)
	}
	buyers := make([]uint32, 0, n)
	for i := range uint32(n) {
		if i >= n/8 {
			buyers = append(buyers, i)
		}
	}
	if got := learn(t, Customers{Table: table, Buyers: buyers, Seed: 3}, "x")["x"].Edges[0]; got < n/8+n/16 || got > n/8+n/8 {
		t.Errorf("of those who bought: got the first edge %v, want about %v", got, n/8+7*n/80)
	}
}

func TestShiftsOfScaleAreSeen(t *testing.T) {
	r := Reference{Features: learn(t, Customers{Table: tableOf(t, upTo(1000))}, "x", "y")}
	delete(r.Features, "y")
	r.Features["z"] = r.Features["x"] // which the table does not have
	f := func(x []float64, low, high float64) {
		t.Helper()
		shifts, err := r.Shifts(context.Background(), Customers{Table: tableOf(t, x), Workers: 2})
		if err != nil || len(shifts) != 1 || shifts[0].Feature != "x" || !(shifts[0].PSI >= low && shifts[0].PSI <= high) {
			t.Errorf("got %v, %v; want the PSI of x from %v to %v", shifts, err, low, high)
		}
	}
	f(upTo(1000), 0, 0)
	larger := upTo(1000)
	for i := range larger {
		larger[i] *= 150
	}
	f(larger, 5, 10)
	gone := upTo(1000)
	for i := range gone {
		gone[i] = math.NaN()
	}
	f(gone, 5, 20)
}

func TestReferencesSurviveTheirFile(t *testing.T) {
	r := &Reference{
		Currency: "GBP", Customers: 1000,
		Settings: map[string]Settings{"rfm": {"bins": json.RawMessage("5"), "cuts.recency": json.RawMessage("[1,2.5]"), "method": json.RawMessage(`"nested"`)}},
		Features: learn(t, Customers{Table: tableOf(t, upTo(1000))}, "x", "y"),
	}
	text, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(text)
	if err != nil || !reflect.DeepEqual(back, r) {
		t.Errorf("got %+v, %v; want %+v", back, err, r)
	}
	again, err := back.Encode()
	if err != nil || !bytes.Equal(again, text) {
		t.Errorf("got other bytes once it was read and written again: %v", err)
	}
}

func TestDamagedReferencesAreRefused(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if _, err := Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", text, err, want)
		}
	}
	f(`{`, "damaged")
	f(`{"format": "quintile-model", "version": 1}`, `"quintile-reference", version 1`)
	f(`{"format": "quintile-reference", "version": 2}`, "version 2")
	f(`{"format": "quintile-reference", "version": 1, "features": {"x": {"edges": [2, 1], "shares": [1, 0, 0, 0]}}}`, "feature x")
	f(`{"format": "quintile-reference", "version": 1, "features": {"x": {"edges": [1], "shares": [1]}}}`, "feature x")
}

func TestSettingsOfModelsCountWhereAJobSaysNothing(t *testing.T) {
	settings := func(text string) Settings {
		var s Settings
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	r := &Reference{Settings: map[string]Settings{"rfm": settings(`{"bins":7,"monetary":"gross","cuts.recency":[1,2]}`)}}
	defaults := settings(`{"bins":5,"monetary":"gross","later":1}`)
	f := func(job string, taken, refused string) {
		t.Helper()
		var d Differences
		r.Step(&d, "rfm", settings(job), defaults, []string{"min_auc"})
		if got := fmt.Sprint(d.Taken); got != taken {
			t.Errorf("%s: got %s taken, want %s", job, got, taken)
		}
		if got := fmt.Sprint(d.Refused); got != refused {
			t.Errorf("%s: got %s refused, want %s", job, got, refused)
		}
	}
	f(`{"bins":7,"monetary":"gross","cuts.recency":[1,2],"later":1}`, "[]", "[]")
	f(`{"bins":7,"monetary":"gross","cuts.recency":[1,2],"later":1,"min_auc":0.9}`, "[]", "[]")
	f(`{"bins":5,"monetary":"gross","later":1}`, "[{steps.rfm.bins 5 7} {steps.rfm.cuts.recency nothing [1,2]}]", "[]")
	f(`{"bins":6,"monetary":"net","cuts.recency":[1,2],"later":2}`, "[]",
		`[{steps.rfm.bins 6 7} {steps.rfm.later 2 1} {steps.rfm.monetary "net" "gross"}]`)
	var d Differences
	r.Step(&d, "churn", settings(`{"horizon_days":30}`), settings(`{"horizon_days":90}`), nil)
	if len(d.Taken)+len(d.Refused) > 0 {
		t.Errorf("a step without a model: got %v", d)
	}
}

func TestCurrenciesThatDifferAreRefused(t *testing.T) {
	f := func(model, job string, taken, refused int) {
		t.Helper()
		var d Differences
		(&Reference{Currency: model}).Money(&d, job)
		if len(d.Taken) != taken || len(d.Refused) != refused {
			t.Errorf("models in %q, a job in %q: got %+v, want %d taken and %d refused", model, job, d, taken, refused)
		}
	}
	f("GBP", "GBP", 0, 0)
	f("GBP", "EUR", 0, 1)
	f("GBP", "", 1, 0)
	f("", "EUR", 0, 0) // which nobody can tell
}

func TestLongSettingsAreCutInMessages(t *testing.T) {
	long := []byte(`["` + strings.Repeat("ä", 100) + `"]`)
	if got := shown(long); len(got) > shownLength+3 || !strings.HasSuffix(got, "…") {
		t.Errorf("got %q, want it cut", got)
	}
}
