package churn

import (
	"bufio"
	"encoding/csv"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/realdata"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/models"
)

// histories collects the purchases of customers, in the order of the file.
type histories struct {
	of     map[string]*datasets.Events
	orders map[string]uint32
	goods  map[string]uint32
}

func newHistories() *histories {
	return &histories{map[string]*datasets.Events{}, map[string]uint32{}, map[string]uint32{}}
}

func code(m map[string]uint32, text string) uint32 {
	if _, ok := m[text]; !ok {
		m[strings.Clone(text)] = uint32(len(m))
	}
	return m[text]
}

// add appends a line; product "" is no product column at all.
func (h *histories) add(id, order, product string, at time.Time, quantity, amount float64) {
	ev := h.of[id]
	if ev == nil {
		ev = &datasets.Events{}
		h.of[strings.Clone(id)] = ev
	}
	ev.Time = append(ev.Time, datasets.Moment(at.UnixMicro()))
	ev.Order = append(ev.Order, code(h.orders, order))
	ev.Quantity = append(ev.Quantity, datasets.Quantity(math.Round(quantity*1e6)))
	ev.Amount = append(ev.Amount, datasets.Money(math.Round(amount*1e6)))
	ev.Return = append(ev.Return, false)
	if product != "" {
		ev.Product = append(ev.Product, code(h.goods, product))
	}
}

// cohorts computes the features at the cutoffs, and who bought afterwards.
func (h *histories) cohorts(t testing.TB, mapped features.Columns, horizon datasets.Day, cutoffs ...datasets.Day) []Cohort {
	t.Helper()
	var selected []features.Feature
	for _, f := range features.Available(mapped) {
		if f.Kind != features.Code {
			selected = append(selected, f)
		}
	}
	var ids []string
	for id := range h.of {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	calculator, row := features.NewCalculator(selected), make([]float64, len(selected))
	var out []Cohort
	for _, cutoff := range cutoffs {
		c := Cohort{Cutoff: cutoff, X: models.Matrix{Cols: make([][]float32, len(selected))}}
		for _, f := range selected {
			c.X.Names = append(c.X.Names, f.Name)
		}
		for _, id := range ids {
			ev := h.of[id]
			if ev.Time[0].Day() > cutoff {
				continue
			}
			if err := calculator.Compute(row, ev, cutoff); err != nil {
				t.Fatal(err)
			}
			for j, v := range row {
				c.X.Cols[j] = append(c.X.Cols[j], float32(v))
			}
			bought := slices.ContainsFunc(ev.Time, func(at datasets.Moment) bool {
				return at.Day() > cutoff && at.Day() <= cutoff+horizon
			})
			c.Churned = append(c.Churned, !bought)
			c.Customers++
			if !bought {
				c.ChurnedAll++
			}
		}
		out = append(out, c)
	}
	return out
}

// rolling returns m cutoffs, a horizon apart, the newest a horizon before asOf.
func rolling(asOf, horizon datasets.Day, m int) []datasets.Day {
	var out []datasets.Day
	for k := m; k > 0; k-- {
		out = append(out, asOf-datasets.Day(k)*horizon)
	}
	return out
}

func decimal(t testing.TB, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func cdnow(t testing.TB) *histories {
	t.Helper()
	h := newHistories()
	scan := bufio.NewScanner(realdata.Open(t, "cdnow/CDNOW_master.txt"))
	for scan.Scan() {
		row := strings.Fields(scan.Text())
		at, err := time.Parse("20060102", row[1])
		if err != nil {
			t.Fatal(err)
		}
		h.add(row[0], scan.Text(), "", at, decimal(t, row[2]), decimal(t, row[3]))
	}
	return h
}

func onlineRetail(t testing.TB) *histories {
	t.Helper()
	h := newHistories()
	r := csv.NewReader(realdata.Open(t, "online-retail/online-retail.csv.gz"))
	r.ReuseRecord = true
	if _, err := r.Read(); err != nil {
		t.Fatal(err)
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return h
		}
		if err != nil {
			t.Fatal(err)
		}
		quantity, price := decimal(t, row[3]), decimal(t, row[5])
		if row[6] == "" || strings.HasPrefix(row[0], "C") || quantity <= 0 || price <= 0 {
			continue
		}
		at, err := time.Parse("1/2/2006 15:04", row[4])
		if err != nil {
			t.Fatal(err)
		}
		h.add(row[6], row[0], row[1], at, quantity, quantity*price)
	}
}

func logFindings(t testing.TB, f *Findings) {
	t.Helper()
	t.Logf("%s, champion %s: AUC %.4f, PR AUC %.4f, log-loss %.4f, skill %.3f, ECE %.4f (floor %.4f), slope %.3f, intercept %.3f, lift %.3f",
		f.State, f.Champion, f.AUC, f.PRAUC, f.LogLoss, f.BrierSkill, f.ECE, f.ECEFloor, f.CalibrationSlope, f.CalibrationIntercept, f.TopDecileLift)
	if f.Forecast != nil {
		t.Logf("  forecast %+v", *f.Forecast)
	}
	for _, b := range f.BaseRates {
		t.Logf("  %s: %d of %d left", b.Cutoff, b.Churned, b.Customers)
	}
	for _, c := range f.Candidates {
		t.Logf("  %+v", c)
	}
	for _, i := range f.Importance[:min(8, len(f.Importance))] {
		t.Logf("  %s %.3f", i.Feature, i.Effect)
	}
	for _, w := range f.Warnings {
		t.Logf("  %s: %s", w.Code, w.Message)
	}
}

func TestCDNOWIsToldApartOutOfTime(t *testing.T) {
	const horizon = 90
	f := fit(t, config(), cdnow(t).cohorts(t, features.Amount|features.Units, horizon, rolling(datasets.DayOf(1998, 6, 30), horizon, 4)...))
	logFindings(t, f)
	if f.State != OK || f.AUC < 0.7 || f.ECE > 0.05 {
		t.Errorf("got %s, AUC %.4f, ECE %.4f; want ok, at least 0.7, at most 0.05", f.State, f.AUC, f.ECE)
	}
}

func TestOnlineRetailIsToldApartOutOfTime(t *testing.T) {
	const horizon = 90
	f := fit(t, config(), onlineRetail(t).cohorts(t, features.Product|features.Clock|features.Amount|features.Units, horizon, rolling(datasets.DayOf(2011, 12, 10), horizon, 4)...))
	logFindings(t, f)
	if f.State != OK || f.AUC < 0.7 {
		t.Errorf("got %s, AUC %.4f; want ok, at least 0.7", f.State, f.AUC)
	}
}
