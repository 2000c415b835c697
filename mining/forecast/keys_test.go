package forecast_test

import (
	"context"
	"errors"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/mining/stepcheck"
	fitted "github.com/quintile-dev/quintile/models/forecast"
)

// rows returns forecast.parquet of a run: by series, the texts of a column in order.
func rows(t *testing.T, folder, column string) map[string][]string {
	t.Helper()
	r, err := parquetio.Open(filepath.Join(folder, "forecast.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	var at []int
	for _, name := range []string{"series", column} {
		k := slices.IndexFunc(r.Fields(), func(f datasets.Field) bool { return f.Name == name })
		if k < 0 {
			t.Fatalf("forecast.parquet has no column %s", name)
		}
		at = append(at, k)
	}
	if err := r.Select(at); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
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
				name := string(frame.Columns[0].AppendText(nil, i))
				out[name] = append(out[name], string(frame.Columns[1].AppendText(nil, i)))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// numbers reads values, those that are null left out.
func numbers(t *testing.T, texts []string) []float64 {
	t.Helper()
	var out []float64
	for _, text := range texts {
		if text == "" {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// weekly is the weekly money of the clean set of Online Retail, 52 weeks from 2010-12-06, as
// pandas has it.
var weekly = []float64{213447.72, 163770.73, 46109.11, 0.0, 114865.27, 154714.94, 175757.98, 105288.77, 106095.23, 88015.42,
	126050.4, 130687.36, 117600.82, 112338.0, 138278.82, 129918.43, 143977.03, 119961.92, 135142.201, 116090.02, 73474.56,
	131329.18, 178850.25, 196269.92, 146976.9, 102371.9, 194019.08, 171940.3, 112818.82, 116479.92, 131383.74, 118297.88,
	167519.81, 164667.901, 156185.19, 143652.21, 168080.69, 148051.26, 114046.78, 167004.06, 209167.98, 309569.211,
	194007.851, 297116.86, 204423.28, 255461.64, 237685.49, 260628.77, 264765.98, 277773.94, 249532.68, 251788.22}

// from returns forecasts of a method from the first o weeks, by the package that is tested by
// itself.
func from(t *testing.T, o, h int) *fitted.Model {
	t.Helper()
	c := fitted.DefaultConfig()
	c.Horizon, c.Levels, c.NonNegative = h, []float64{0.8}, true
	m, _, err := c.Fit(t.Context(), fitted.Series{Values: weekly[:o], Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func within(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %.9f, want %.9f within %g", what, got, want, tolerance)
	}
}

func TestWeeksOfOnlineRetailAreForecast(t *testing.T) {
	const h = 4
	r := stepcheck.OnlineRetail(t, "2011-12-10", stepcheck.CleanRetail, "{forecast: {}}")
	got := r.Manifest.Steps["forecast"]
	if got["periods"] != 52 || got["first_period"] != "2010-12-06" || got["last_period"] != "2011-11-28" {
		t.Errorf("got %v periods from %v to %v, want 52 weeks from 2010-12-06 to 2011-11-28", got["periods"], got["first_period"], got["last_period"])
	}
	actual, next := rows(t, r.Folder, "actual"), rows(t, r.Folder, "forecast")
	low, high := rows(t, r.Folder, "low"), rows(t, r.Folder, "high")
	const name = "total:money"
	for i, v := range numbers(t, actual[name]) {
		within(t, "week", v, weekly[i], 1e-6)
	}
	if n := len(actual[name]); n != 52+h {
		t.Errorf("got %d rows of the total, want 52 weeks and %d to come", n, h)
	}
	f, err := from(t, 52, h).Forecast(h, nil)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i, v := range numbers(t, next[name]) {
		within(t, "forecast", v, f.Point[i], 1e-4)
		within(t, "low", numbers(t, low[name])[i], f.Intervals[0].Lower[i], 1e-4)
		within(t, "high", numbers(t, high[name])[i], f.Intervals[0].Upper[i], 1e-4)
		sum += v
	}
	within(t, "all weeks to come", got["next_money"].(float64), sum, 1e-6)

	// The errors are those of what would have been published on eight past days.
	var published, naive, mean fitted.Accuracy
	for o := 36; o <= 50; o += 2 {
		y, after := weekly[:o], weekly[o:min(o+h, 52)]
		f, err := from(t, o, h).Forecast(len(after), nil)
		if err != nil {
			t.Fatal(err)
		}
		published.Add(y, 1, after, f.Point)
		published.AddInterval(after, f.Intervals[0].Lower, f.Intervals[0].Upper)
		m := (y[o-1] + y[o-2] + y[o-3] + y[o-4]) / 4
		naive.Add(y, 1, after, []float64{y[o-1], y[o-1], y[o-1], y[o-1]})
		mean.Add(y, 1, after, []float64{m, m, m, m})
	}
	for figure, want := range map[string]float64{
		"mase": published.Measures().MASE, "mase_naive": naive.Measures().MASE, "mase_seasonal_naive": naive.Measures().MASE,
		"mase_last_mean": mean.Measures().MASE, "coverage": published.Measures().Coverage,
	} {
		within(t, figure, got[figure].(map[string]any)[name].(float64), want, 1e-6)
	}
}

// The forecasts by Theta from the first 48 weeks are keys; Theta was clearly the best on the
// past of these weeks.
func TestForecastOfThe48WeeksMeetsTheKeys(t *testing.T) {
	r := stepcheck.OnlineRetail(t, "2011-11-06", stepcheck.CleanRetail, "{forecast: {by: [total], measures: [money]}}")
	if method := r.Manifest.Steps["forecast"]["method"].(map[string]string)["total:money"]; method != "theta" {
		t.Fatalf("got the method %s, want theta", method)
	}
	for i, v := range numbers(t, rows(t, r.Folder, "forecast")["total:money"]) {
		within(t, "forecast", v, []float64{247_357.835, 248_624.805, 249_891.775, 251_158.746}[i], 6e-4)
	}
}

func TestMonthsOfOnlineRetailMeetTheKeys(t *testing.T) {
	r := stepcheck.OnlineRetail(t, "2011-12-10", stepcheck.CleanRetail, "{forecast: {period: month, by: [total], horizon: 2}}")
	if got := r.Manifest.Steps["forecast"]; got["periods"] != 12 || got["first_period"] != "2010-12-01" {
		t.Errorf("got %v months from %v, want 12 from 2010-12-01", got["periods"], got["first_period"])
	}
	actual := rows(t, r.Folder, "actual")
	for measure, want := range map[string][]float64{
		"orders":        {1400, 987, 997, 1321, 1149, 1555, 1393, 1331, 1280, 1755, 1929, 2657},
		"customers":     {885, 741, 758, 974, 856, 1056, 991, 949, 935, 1266, 1364, 1664},
		"new_customers": {885, 417, 380, 452, 300, 284, 242, 188, 169, 299, 358, 323},
		"units":         {312265, 349098, 265622, 348503, 292222, 373601, 363699, 369420, 398121, 544897, 593900, 669051},
		"money": {572713.890, 569445.040, 447137.350, 595500.760, 469200.361, 678594.560, 661213.690, 600091.011, 645343.900,
			952838.382, 1039318.790, 1161817.380},
	} {
		if got := numbers(t, actual["total:"+measure]); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", measure, got, want)
		}
	}
}

func TestForecastsOfAllRegionsAddUpToTheTotal(t *testing.T) {
	r := stepcheck.OnlineRetail(t, "2011-12-10", stepcheck.CleanRetail, "{forecast: {top: 100, member_measures: [money]}}")
	next, members := rows(t, r.Folder, "forecast"), 0
	sums := make([]float64, 4)
	for name, texts := range next {
		if !strings.HasPrefix(name, "region=") {
			continue
		}
		members++
		for i, v := range numbers(t, texts) {
			if sums[i] += v; v < 0 {
				t.Errorf("%s: got %v, want no negative money", name, v)
			}
		}
	}
	if members < 30 {
		t.Fatalf("got %d regions, want all", members)
	}
	for i, v := range numbers(t, next["total:money"]) {
		within(t, "sum of the regions", sums[i], v, 1e-6*v)
	}
}

// The intervals are to hold what they say; the series are the two of the answer keys.
func TestIntervalsOfOnlineRetailHoldTheirShare(t *testing.T) {
	r := stepcheck.OnlineRetail(t, "2011-12-10", stepcheck.CleanRetail, "{forecast: {by: [total, region], top: 5, origins: 13, measures: [money], member_measures: [money]}}")
	got := r.Manifest.Steps["forecast"]
	t.Log(got["coverage"], got["coverage_all"], got["mase"], got["mase_naive"], got["mase_last_mean"])
	if share := got["coverage_all"].(float64); share < 0.76 || share > 0.84 {
		t.Errorf("intervals of 80 %% held %v of the values, want from 0.76 to 0.84", share)
	}
}
