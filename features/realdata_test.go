package features

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/realdata"
)

// number reads a decimal exactly, in millionths.
func number(t *testing.T, text string) int64 {
	t.Helper()
	whole, part, _ := strings.Cut(text, ".")
	v, err := strconv.ParseInt(whole+(part + "000000")[:6], 10, 64)
	if err != nil || len(part) > 6 {
		t.Fatalf("got %q, %v", text, err)
	}
	return v
}

// tableOf computes the named features of all customers into a sealed table.
func tableOf(t *testing.T, names []string, customers map[string][]line, asOf datasets.Day) *Table {
	t.Helper()
	selected, err := Select(Catalogue(), names, everything)
	if err != nil {
		t.Fatal(err)
	}
	c := NewCalculator(selected)
	var rows []customer
	for id, lines := range customers {
		row := make([]float64, len(names))
		if err := c.Compute(row, new(eventsOf(lines)), asOf); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, customer{[]byte(id), row})
	}
	slices.SortFunc(rows, func(a, b customer) int { return bytes.Compare(a.id, b.id) })
	config := DefaultTable(names, 7)
	return fill(t, config, rows, func(i int) int { return i % 7 })
}

// TestOnlineRetail checks R, F and M of the clean set at 2011-12-10 against
// figures computed with other tools.
func TestOnlineRetail(t *testing.T) {
	r := csv.NewReader(realdata.Open(t, "online-retail/online-retail.csv.gz"))
	r.ReuseRecord = true
	if _, err := r.Read(); err != nil {
		t.Fatal(err)
	}
	customers := map[string][]line{}
	orders, products := map[string]uint32{}, map[string]uint32{}
	code := func(m map[string]uint32, text string) uint32 {
		if _, ok := m[text]; !ok {
			m[strings.Clone(text)] = uint32(len(m))
		}
		return m[text]
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		quantity, price := number(t, row[3]), number(t, row[5])
		if row[6] == "" || strings.HasPrefix(row[0], "C") || quantity <= 0 || price <= 0 {
			continue
		}
		at, err := time.Parse("1/2/2006 15:04", row[4])
		if err != nil {
			t.Fatal(err)
		}
		amount, ok := datasets.Quantity(quantity).Times(datasets.Money(price))
		if !ok {
			t.Fatalf("%s × %s does not fit", row[3], row[5])
		}
		id := strings.Clone(row[6])
		customers[id] = append(customers[id], line{
			at: datasets.Moment(at.UnixMicro()), order: code(orders, row[0]), product: code(products, row[1]),
			quantity: datasets.Quantity(quantity), amount: amount,
		})
	}
	ctx := context.Background()
	table := tableOf(t, []string{"recency_days", "frequency", "monetary", "lines"}, customers, datasets.DayOf(2011, 12, 10))
	columns, err := table.Columns(ctx, table.Names(), nil)
	if err != nil {
		t.Fatal(err)
	}
	recency, frequency, monetary, lines := columns[0], columns[1], columns[2], columns[3]
	one := 0.0
	for _, f := range frequency {
		if f == 1 {
			one++
		}
	}
	for name, c := range map[string]struct{ got, want, tolerance float64 }{
		"customers":  {float64(table.Len()), 4338, 0},
		"lines":      {meanOf(lines) * 4338, 397_884, 1e-6},
		"R mean":     {meanOf(recency), 93.0595, 5e-5},
		"R median":   {medianOf(recency), 51, 0},
		"R min":      {least(recency), 1, 0},
		"R max":      {most(recency), 374, 0},
		"F mean":     {meanOf(frequency), 4.2720, 5e-5},
		"F median":   {medianOf(frequency), 2, 0},
		"F max":      {most(frequency), 209, 0},
		"one-timers": {one, 1493, 0},
		"M mean":     {meanOf(monetary), 2054.2665, 5e-5},
		"M median":   {medianOf(monetary), 674.485, 1e-9},
		"M max":      {most(monetary), 280_206.02, 1e-9},
		"M sum":      {meanOf(monetary) * 4338, 8_911_407.904, 1e-5},
	} {
		if !(math.Abs(c.got-c.want) <= c.tolerance) {
			t.Errorf("%s: got %v, want %v", name, c.got, c.want)
		}
	}

	in, err := table.RFMInput(ctx, DefaultRFM())
	if err != nil {
		t.Fatal(err)
	}
	m, err := DefaultRFM().Fit(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	_, report, err := m.ScoreAll(in)
	if err != nil {
		t.Fatal(err)
	}
	// Money hardly ties: 4338/5 = 867.6 each. The 1,493 one-timers share a score:
	// their mean rank 747 gives ⌊5·747/4339⌋ + 1 = 1.
	for s, n := range report.M {
		if n < 867 || n > 868 {
			t.Errorf("M score %d: got %d customers", s+1, n)
		}
	}
	if report.Scored != 4338 || report.F[0] != 1493 {
		t.Errorf("got %+v", report)
	}
}

// TestCDNOW checks x, t_x and T of the calibration period against the published
// customer summary.
func TestCDNOW(t *testing.T) {
	customers := map[string][]line{}
	scan := bufio.NewScanner(realdata.Open(t, "cdnow/CDNOW_sample.txt"))
	for n := uint32(0); scan.Scan(); n++ {
		row := strings.Fields(scan.Text())
		at, err := time.Parse("20060102", row[2])
		if err != nil {
			t.Fatal(err)
		}
		customers[row[1]] = append(customers[row[1]], line{
			at: datasets.Moment(at.UnixMicro()), order: n, quantity: datasets.Quantity(number(t, row[3])), amount: datasets.Money(number(t, row[4])),
		})
	}
	table := tableOf(t, []string{"btyd_x", "btyd_t_x", "btyd_t", "btyd_money"}, customers, datasets.DayOf(1997, 9, 30))
	columns, err := table.Columns(context.Background(), table.Names(), nil)
	if err != nil {
		t.Fatal(err)
	}
	x, tx, age, money := columns[0], columns[1], columns[2], columns[3]
	counts := map[float64]int{}
	repeaters := 0
	for i := range x {
		counts[x[i]]++
		if !math.IsNaN(money[i]) {
			repeaters++
		}
		if (x[i] == 0) != (tx[i] == 0) || tx[i] > age[i] {
			t.Errorf("customer %d: x %v, t_x %v, T %v", i, x[i], tx[i], age[i])
		}
	}
	want := fmt.Sprint([]int{1411, 439, 214, 100, 62, 38, 29})
	if got := fmt.Sprint([]int{counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6]}); got != want || len(x) != 2357 {
		t.Errorf("%d customers: got %s with x = 0 … 6, want %s", len(x), got, want)
	}
	if repeaters != 946 {
		t.Errorf("got %d repeaters, want 946", repeaters)
	}
	if weeks := meanOf(age) / 7; math.Abs(weeks-32.7158) > 1e-4 {
		t.Errorf("mean T: got %v weeks, want 32.7158", weeks)
	}
}
