package performance_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

// read returns the rows of a table: texts, days and numbers as they print.
func read(t *testing.T, path string, names ...string) [][]string {
	t.Helper()
	r, err := parquetio.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	var columns []int
	for _, name := range names {
		at := slices.IndexFunc(r.Fields(), func(f datasets.Field) bool { return f.Name == name })
		if at < 0 {
			t.Fatalf("%s has no column %s", filepath.Base(path), name)
		}
		columns = append(columns, at)
	}
	if err := r.Select(columns); err != nil {
		t.Fatal(err)
	}
	var out [][]string
	var frame datasets.Frame
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		err = part.Each(&frame, func() error {
			for i := range frame.Rows {
				var row []string
				for c := range names {
					row = append(row, text(&frame.Columns[c], i))
				}
				out = append(out, row)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func text(c *datasets.Column, i int) string {
	switch {
	case !c.Valid.Get(i):
		return "null"
	case c.Codes != nil:
		return string(c.Dict.At(int(c.Codes[i])))
	case c.Kind == datasets.Date:
		return datasets.Day(c.Ints[i]).String()
	case c.Ints != nil:
		return fmt.Sprint(c.Ints[i])
	case c.Floats != nil:
		return fmt.Sprintf("%.6f", c.Floats[i])
	}
	return string(c.Texts.At(i))
}

// agree compares texts, and numbers to the digits of the keys: money to the penny, shares and
// growth to the sixth digit.
func agree(got, want string) bool {
	a, err1 := strconv.ParseFloat(got, 64)
	b, err2 := strconv.ParseFloat(want, 64)
	if err1 != nil || err2 != nil {
		return got == want
	}
	if math.Abs(b) > 10 {
		return math.Abs(a-b) < 0.0051
	}
	return math.Abs(a-b) < 1e-6
}

// The sales of Online Retail by country, month, weekday and hour, reckoned with pandas and
// DuckDB.
func TestSalesOfOnlineRetail(t *testing.T) {
	r := stepcheck.OnlineRetail(t, "2011-12-09", stepcheck.CleanRetail, "{performance: {window_days: 187, by: [region, product, weekday, hour]}}")
	folder := filepath.Join(r.Folder, "performance")
	countries := read(t, filepath.Join(folder, "region.parquet"), "region", "orders", "customers", "gross", "current", "previous", "share", "growth", "abc_class")
	for i, want := range [][]string{
		{"United Kingdom", "16646", "3920", "7308391.550000", "4515688.810000", "2792702.740000", "0.820116", "0.616960", "A"},
		{"Netherlands", "94", "9", "285446.340000", "166617.260000", "118829.080000", "0.032032", "0.402159", "B"},
		{"EIRE", "260", "3", "265545.900000", "179474.260000", "86071.640000", "0.029798", "1.085173", "B"},
		{"Germany", "457", "94", "228867.140000", "130939.550000", "97927.590000", "0.025682", "0.337106", "B"},
		{"France", "389", "87", "209024.050000", "131975.110000", "77048.940000", "0.023456", "0.712874", "B"},
		{"Australia", "57", "9", "138521.310000", "82141.330000", "56379.980000", "0.015544", "0.456924", "B"},
		{"Spain", "90", "30", "61577.110000", "36861.990000", "24715.120000", "0.006910", "0.491475", "B"},
		{"Switzerland", "51", "21", "56443.950000", "40695.700000", "15748.250000", "0.006334", "1.584141", "C"},
	} {
		if !slices.EqualFunc(countries[i], want, agree) {
			t.Errorf("got %v, want %v", countries[i], want)
		}
	}
	classes := map[string]int{}
	for _, row := range countries {
		classes[row[8]]++
	}
	if len(countries) != 37 || fmt.Sprint(classes) != "map[A:1 B:6 C:30]" {
		t.Errorf("got %d countries in the classes %v, want 37 in A 1, B 6, C 30", len(countries), classes)
	}
	figures := r.Manifest.Steps["performance"]
	if figures["current"] != "5494638.693" || figures["previous"] != "3416769.211" || math.Abs(figures["growth"].(float64)-0.608138670) > 5e-10 {
		t.Errorf("got %v, %v and the growth %v", figures["current"], figures["previous"], figures["growth"])
	}

	months := read(t, filepath.Join(folder, "total.parquet"), "period", "orders", "customers", "units", "gross", "new_customers", "new_money", "kept", "reactivated", "lapsed")
	for i, want := range [][]string{
		{"2010-12-01", "1400", "885", "312265.000000", "572713.890000", "885", "572713.890000", "0", "0", "0"},
		{"2011-01-01", "987", "741", "349098.000000", "569445.040000", "417", "293207.350000", "324", "0", "561"},
		{"2011-02-01", "997", "758", "265622.000000", "447137.350000", "380", "158142.070000", "262", "116", "479"},
	} {
		if !slices.Equal(months[i], want) {
			t.Errorf("got %v, want %v", months[i], want)
		}
	}
	if want := []string{"2011-12-01", "778", "615", "287413.000000", "518192.790000", "41", "27059.460000", "371", "203", "1293"}; !slices.Equal(months[12], want) {
		t.Errorf("got %v, want %v", months[12], want)
	}

	days := map[string][]string{}
	for _, row := range read(t, filepath.Join(folder, "weekday.parquet"), "weekday", "orders", "gross") {
		days[row[0]] = row[1:]
	}
	want := map[string][]string{
		"Monday": {"2863", "1367146.411000"}, "Tuesday": {"3184", "1700634.631000"}, "Wednesday": {"3455", "1588336.170000"},
		"Thursday": {"4032", "1976859.070000"}, "Friday": {"2829", "1485917.401000"}, "Sunday": {"2169", "792514.221000"},
	}
	if fmt.Sprint(days) != fmt.Sprint(want) {
		t.Errorf("got the weekdays %v, want %v", days, want)
	}
	hours := read(t, filepath.Join(folder, "hour.parquet"), "hour", "orders", "gross")
	slices.SortFunc(hours, slices.Compare)
	var orders []string
	for _, row := range hours {
		orders = append(orders, row[1])
		if row[0] == "12" && row[2] != "1378544.130000" {
			t.Errorf("got %s at noon, want 1378544.13", row[2])
		}
	}
	if got := fmt.Sprint(orders); got != "[1 29 555 1393 2226 2277 3129 2636 2274 2037 1100 544 169 144 18]" {
		t.Errorf("got the orders by hour %s", got)
	}

	products := read(t, filepath.Join(folder, "product.parquet"), "product", "gross", "abc_class")
	classes = map[string]int{}
	for _, row := range products {
		classes[row[2]]++
	}
	if products[0][0] != "23843" || products[0][1] != "168469.600000" || products[9][0] != "23084" || fmt.Sprint(classes) != "map[A:777 B:922 C:1966]" {
		t.Errorf("got %v … %v, classes %v; want 23843 first, A 777, B 922, C 1,966", products[0], products[9], classes)
	}
}
