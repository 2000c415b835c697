package loyalty_test

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining/stepcheck"
	"github.com/quintile-dev/quintile/pipeline"
)

// The customers of each cohort of Online Retail who bought in month 0, 1, 2, … at 2011-12-10,
// and their money, reckoned with pandas and DuckDB; as are all figures below.
const cohorts = `
2010-12 4512148.22 885 324 286 340 321 352 321 309 313 350 331 445 235
2011-01 1125882.281 417 92 111 96 134 120 103 101 125 136 152 49
2011-02 593876.88 380 71 71 108 103 94 96 106 94 116 26
2011-03 643758.94 452 68 114 90 101 76 121 104 126 39
2011-04 326621.031 300 64 61 63 59 68 65 78 22
2011-05 455545.38 284 54 49 49 59 66 75 27
2011-06 273455.23 242 42 38 64 56 81 23
2011-07 144468.341 188 34 39 42 51 21
2011-08 196049.05 169 35 42 41 21
2011-09 233296.821 299 70 90 34
2011-10 227369.54 358 86 41
2011-11 151876.73 323 36
2011-12 27059.46 41
`

// Active, money, new, money of new, kept, reactivated and lapsed customers by month.
const numbers = `
2010-12 885 572713.890 885 572713.890 0 0 0
2011-01 741 569445.040 417 293207.350 324 0 561
2011-02 758 447137.350 380 158142.070 262 116 479
2011-03 974 595500.760 452 200069.960 290 232 468
2011-04 856 469200.361 300 122011.491 304 252 670
2011-05 1056 678594.560 284 124103.780 368 404 488
2011-06 991 661213.690 242 135742.950 410 339 646
2011-07 949 600091.011 188 74008.751 365 396 626
2011-08 935 645343.900 169 79756.100 388 378 561
2011-09 1266 952838.382 299 155103.901 425 542 510
2011-10 1364 1039318.790 358 174721.760 489 517 777
2011-11 1664 1161817.380 323 136592.120 622 719 742
2011-12 615 518192.790 41 27059.460 371 203 1293
`

func TestLoyaltyOfOnlineRetail(t *testing.T) {
	r := stepcheck.OnlineRetail(t, "2011-12-10", stepcheck.NetRetail, "{loyalty: {}}")
	got := r.Manifest.Steps["loyalty"]
	near := func(name string, got any, want float64) {
		t.Helper()
		if v, ok := got.(float64); !ok || math.Abs(v-want) > 5e-10 {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	of := func(figure, key string) any { return got[figure].(map[string]any)[key] }
	near("orders", got["repeat_rate"], 0.655832181)
	near("days", got["repeat_rate_days"], 0.643153527)
	for key, want := range map[string][2]float64{"1": {0.236537494, 0.227135211}, "3": {0.269219174, 0.256360619}, "6": {0.287344, 0.271622}} {
		if key == "6" { // published with six digits
			want = [2]float64{781.0 / 2718, 804.0 / 2960}
		}
		near("retention "+key, of("retention", key), want[0])
		near("unfinished "+key, of("retention_unfinished", key), want[1])
	}
	if of("retention", "12") != nil {
		t.Errorf("got the retention %v after twelve months, of which none is over, want null", of("retention", "12"))
	}
	for key, want := range map[string]float64{"30": 0.190685199, "60": 0.351891316, "90": 0.455243722, "180": 0.656437390} {
		near("within "+key, of("repeat_within", key), want)
	}
	for key, want := range map[string]float64{"30": 0.191316740, "60": 0.354480448, "90": 0.459122844, "180": 0.656783596, "365": 0.846549645} {
		near("within, Kaplan–Meier "+key, of("repeat_within_km", key), want)
	}
	near("median", got["repeat_median_days"], 104)
	for key, want := range map[string]float64{"mean": 0.375206434, "pooled": 0.354680071, "mean_from_3": 0.354087950} {
		near("persistency "+key, of("persistency", key), want)
	}
	if of("persistency", "customers_from_3") != 3974 {
		t.Errorf("got %v, want 3974 customers of three months and more", got["persistency"])
	}
	kinds := map[string]int{"price_led": 449, "product_led": 376, "need_led": 407, "value_led": 479, "mixed": 205, "undetermined": 2422}
	if fmt.Sprint(got["sizes"]) != fmt.Sprint(kinds) {
		t.Errorf("got the kinds %v, want %v", got["sizes"], kinds)
	}
	// 1,019 customers paid the median prices to the penny: P is 1 and their ranks are equal.
	// Sums of float64 that part them by their rounding give other figures here.
	near("V, median", of("value", "median"), 1.178528589)
	near("V, p10", of("value", "p10"), 0.225047905)
	near("V, p90", of("value", "p90"), 4.787236696)
	if of("value", "above_1") != 2239 {
		t.Errorf("got %v customers with V of at least 1, want 2239", of("value", "above_1"))
	}
	customers(t, r)
	tables(t, r)
}

// customers compares V of some customers.
func customers(t *testing.T, r *pipeline.Result) {
	t.Helper()
	ids, values := stepcheck.Cells(t, r.Folder, "customer"), stepcheck.Cells(t, r.Folder, "customer_value")
	for id, want := range map[string]float64{"12347": 3.935247, "12748": 2.692308, "14911": 0.278140, "17841": 0.737480, "14646": 6.684932} {
		v, err := strconv.ParseFloat(values[slices.Index(ids, id)], 64)
		if err != nil || math.Abs(v-want) > 5e-7 {
			t.Errorf("customer %s: got V %v, %v, want %v", id, v, err, want)
		}
	}
}

// tables compares cohorts.parquet and customer_numbers.parquet.
func tables(t *testing.T, r *pipeline.Result) {
	t.Helper()
	file := filepath.Join(r.Folder, "cohorts.parquet")
	cohort, period, size := stepcheck.FileCells(t, file, "cohort"), stepcheck.FileCells(t, file, "period"), stepcheck.FileCells(t, file, "customers")
	money := numbersOf(t, file, "money")
	at := 0
	for line := range strings.Lines(strings.TrimSpace(cohorts)) {
		fields := strings.Fields(line)
		sum := 0.0
		for since, want := range fields[2:] {
			if month(t, cohort[at]) != fields[0] || period[at] != strconv.Itoa(since) || size[at] != want {
				t.Errorf("row %d: got %s of cohort %s after %s, want %s of %s after %d", at, size[at], month(t, cohort[at]), period[at], want, fields[0], since)
			}
			sum += money[at]
			at++
		}
		if want, _ := strconv.ParseFloat(fields[1], 64); math.Abs(sum-want) > 1e-6 {
			t.Errorf("cohort %s: got the money %v, want %v", fields[0], sum, want)
		}
	}
	if at != len(cohort) {
		t.Errorf("got %d rows of cohorts, want %d", len(cohort), at)
	}
	file = filepath.Join(r.Folder, "customer_numbers.parquet")
	starts := stepcheck.FileCells(t, file, "period")
	rows := strings.Split(strings.TrimSpace(numbers), "\n")
	if len(starts) != len(rows) {
		t.Fatalf("got %d months, want %d", len(starts), len(rows))
	}
	for k, column := range []string{"active", "money", "new", "money_new", "kept", "reactivated", "lapsed"} {
		for i, v := range numbersOf(t, file, column) {
			fields := strings.Fields(rows[i])
			if want, _ := strconv.ParseFloat(fields[1+k], 64); month(t, starts[i]) != fields[0] || math.Abs(v-want) > 1e-6 {
				t.Errorf("%s in %s: got %v, want %v in %s", column, month(t, starts[i]), v, want, fields[0])
			}
		}
	}
}

// numbersOf returns a column as numbers.
func numbersOf(t *testing.T, file, column string) []float64 {
	t.Helper()
	var out []float64
	for _, text := range stepcheck.FileCells(t, file, column) {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// month returns the month of a day, which a cell counts from 1970-01-01.
func month(t *testing.T, cell string) string {
	t.Helper()
	day, err := strconv.Atoi(cell)
	if err != nil {
		t.Fatal(err)
	}
	return datasets.Day(day).String()[:len("2011-12")]
}
