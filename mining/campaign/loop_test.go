package campaign_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/synth"
)

// contactDay is the day of the history on which the planned campaign reaches customers.
const contactDay = 650

// shopOf returns the rows of a retailer in which the contact reaches everybody, or nobody, by customer; and all
// customers who may be reached.
func shopOf(t *testing.T, reached bool) (rows map[string][]synth.Row, start datasets.Day) {
	t.Helper()
	c := synth.Default()
	c.Customers, c.Lines = 3_000, 60_000
	m := synth.Campaign{Name: "m", Day: contactDay, Share: 1, Uplift: map[string]float64{}}
	for _, s := range synth.Segments() {
		if reached {
			m.Uplift[s] = 0.3
		}
	}
	c.Campaigns = []synth.Campaign{m}
	r, err := synth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	rows = map[string][]synth.Row{}
	err = r.Each(t.Context(), func(row synth.Row) error {
		if row.Customer != 0 {
			rows[row.CustomerID()] = append(rows[row.CustomerID()], row)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, c.Start
}

// linesOf writes the line items of a shop whose customers live in one of two worlds.
func linesOf(of map[string][]synth.Row) []byte {
	var b bytes.Buffer
	b.WriteString("customer_id,time,order_id,product,quantity,unit_price,discount\n")
	ids := make([]string, 0, len(of))
	for id := range of {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		for _, row := range of[id] {
			fmt.Fprintf(&b, "%s,%s,%s-%s,%s,%d,%v,%v\n", id, row.Time.Day(), row.OrderID(), id, row.Product, row.Quantity, row.UnitPrice.Float(), row.Discount.Float())
		}
	}
	return b.Bytes()
}

// worth returns whether a customer orders within 30 days of the contact, and for how much.
func worth(rows []synth.Row, begin datasets.Day) (ordered bool, money float64) {
	for _, row := range rows {
		if day := row.Time.Day(); day >= begin && day < begin+30 && !row.Return {
			ordered = true
			money += row.UnitPrice.Float() * float64(row.Quantity)
		}
	}
	return ordered, money
}

// TestTheNextRunMeasuresWhatTheListBrought draws a list, lets those on it who are to be contacted live in the world
// with the campaign and all others in the world without, and runs the job again.
func TestTheNextRunMeasuresWhatTheListBrought(t *testing.T) {
	with, start := shopOf(t, true)
	without, _ := shopOf(t, false)
	folder, output := t.TempDir(), t.TempDir()
	put := func(name string, text []byte) {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	begin := start + contactDay
	barred := ""
	for id := range without {
		if barred == "" || id < barred {
			barred = id
		}
	}
	put("customers.csv", []byte("id,age,business,consent\n"+barred+",50,no,yes\n"))
	put("barred.csv", []byte(barred+"\n"))
	put("lines.csv", linesOf(without))
	further := "privacy: {suppress: " + filepath.Join(folder, "barred.csv") + "}"
	const settings = "{plan: {name: may, from: recency_days <= 300, holdout: 40%, cost_per_contact: 0.5}}"
	first := serve(t, folder, output, (begin - 1).String(), further, settings)
	ids, arms := rowsOfList(t, first, "may")
	if len(ids) < 1000 || slices.Contains(ids, barred) {
		t.Fatalf("got %d customers on the list, the suppressed one among them: %v", len(ids), slices.Contains(ids, barred))
	}
	file, err := os.ReadFile(filepath.Join(first.Folder, "crm", "generic", "targets.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(file), "\n") - 1; n != len(ids) || strings.Contains(string(file), "\n"+barred+",") || !strings.Contains(string(file), ",control") {
		t.Errorf("the file for the CRM system has %d rows, want %d with arms, and not the suppressed customer", n, len(ids))
	}

	// The world goes on: an unchanged job of another day measures the list.
	lived := map[string][]synth.Row{}
	for id, rows := range without {
		lived[id] = rows
	}
	rate, money, n := 0.0, 0.0, float64(len(ids))
	for k, id := range ids {
		a, moneyA := worth(with[id], begin)
		b, moneyB := worth(without[id], begin)
		money += moneyA - moneyB
		if a && !b {
			rate++
		}
		if arms[k] == "treated" {
			lived[id] = with[id]
		}
	}
	put("lines.csv", linesOf(lived))
	second := serve(t, folder, output, (begin + 30).String(), further, settings)
	again, dealt := rowsOfList(t, second, "may")
	if !slices.Equal(again, ids) || !slices.Equal(dealt, arms) {
		t.Error("the second run does not keep the list")
	}
	one := rows(t, second.Folder)["may"]
	if one["treated"]+one["control"] != n {
		t.Errorf("got %v treated and %v controls, want %v", one["treated"], one["control"], n)
	}
	t.Logf("orders: %.4f in [%.4f, %.4f]; money: %.2f in [%.2f, %.2f]; profit %.0f [%.0f, %.0f]", rate/n, one["rate_low"], one["rate_high"],
		money/n, one["money_low"], one["money_high"], one["profit"], one["profit_low"], one["profit_high"])
	if !(one["rate_low"] <= rate/n && rate/n <= one["rate_high"] && one["rate_low"] > 0) {
		t.Errorf("orders: got [%v, %v], want %v within and 0 without", one["rate_low"], one["rate_high"], rate/n)
	}
	if !(one["money_low"] <= money/n && money/n <= one["money_high"]) {
		t.Errorf("money: got [%v, %v], want %v within", one["money_low"], one["money_high"], money/n)
	}
	if profit := one["money_effect"]*one["treated"] - 0.5*one["treated"]; profit-one["profit"] > 1e-6 || one["profit"]-profit > 1e-6 {
		t.Errorf("got a profit of %v, want %v", one["profit"], profit)
	}
	if _, err := os.Stat(filepath.Join(second.Folder, "crm", "generic", "targets.csv")); err == nil {
		t.Error("the second run has a list of contacts that are past")
	}
	lists := 0
	for _, in := range second.Manifest.Inputs {
		if in.Table == "lists" && in.Rows == int64(len(ids)) && in.SHA256 != "" {
			lists++
		}
	}
	if lists != 1 {
		t.Errorf("got %d tables of lists among the inputs, want 1", lists)
	}
	// A run that is repeated reads the same list.
	repeated := serve(t, folder, output, (begin + 30).String(), further, settings)
	if repeated.Manifest.RunID != second.Manifest.RunID {
		t.Error("a run that is repeated has another id")
	}
}
