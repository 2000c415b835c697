package forecast

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// The contract of the model families (modelcheck) speaks of rows of a matrix:
// rows in any order, rows that occur twice, a prediction per row. The values of a
// series are no such rows: their order is what is learned, and a forecast is of
// periods that have no row. The clauses that carry over are examined here.

func fitAll(t *testing.T, workers int, all []Series) []Result {
	t.Helper()
	c := DefaultConfig()
	c.Workers = workers
	results, err := c.FitAll(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func TestContractAnyWorkersGiveTheSameBytes(t *testing.T) {
	all := append(made(20, 60, 12), made(20, 30, 1)...)
	before := append(made(20, 60, 12), made(20, 30, 1)...)
	want, err := json.Marshal(models40(fitAll(t, 1, all)))
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{2, 8} {
		got, err := json.Marshal(models40(fitAll(t, workers, all)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d workers give other models than one (%v)", workers, err)
		}
	}
	if !reflect.DeepEqual(all, before) {
		t.Error("the series were modified")
	}
	one, _, err := DefaultConfig().Fit(t.Context(), all[7])
	if err != nil {
		t.Fatal(err)
	}
	alone, _ := json.Marshal(one)
	among, _ := json.Marshal(fitAll(t, 2, all)[7].Model)
	if !bytes.Equal(alone, among) {
		t.Error("a series alone has another model than among others")
	}
}

func models40(results []Result) []*Model {
	var all []*Model
	for _, r := range results {
		all = append(all, r.Model)
	}
	return all
}

// eachMethod returns a model of every method, with and without a season.
func eachMethod(t testing.TB) []*Model {
	t.Helper()
	var all []*Model
	for _, m := range methods() {
		for _, s := range []Series{made(1, 60, 12)[0], {Values: weekly, Season: 1}, {Values: weekly[:13], Season: 1}} {
			c := DefaultConfig()
			c.Methods = []Method{m}
			model, _, err := c.Fit(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, model)
		}
	}
	return all
}

func TestContractRoundTripKeepsEveryBit(t *testing.T) {
	for _, m := range eachMethod(t) {
		written, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		read := new(Model)
		if err := json.Unmarshal(written, read); err != nil {
			t.Fatalf("%s: %v", m, err)
		}
		again, _ := json.Marshal(read)
		want, _ := m.Forecast(14, nil)
		got, err := read.Forecast(14, nil)
		if err != nil || !bytes.Equal(again, written) || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the model that was read differs (%v)", m, err)
		}
	}
}

func TestContractDamagedJSONIsRefused(t *testing.T) {
	m := eachMethod(t)[0]
	written, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(written); n += 7 {
		if json.Unmarshal(written[:n], new(Model)) == nil {
			t.Errorf("accepted the first %d bytes of %d", n, len(written))
		}
	}
	for _, change := range [][2]string{
		{`"version":1`, `"version":2`}, {`"method":"theta_ets"`, `"method":"theta"`}, {`"method":"theta_ets"`, `"method":"oracle"`},
		{`"periods":60`, `"periods":59`}, {`"model":`, `"extra":1,"model":`}, {`"levels":[0.8,0.95]`, `"levels":[0.8]`},
	} {
		damaged := strings.Replace(string(written), change[0], change[1], 1)
		if damaged == string(written) {
			t.Fatalf("found no %s in the model", change[0])
		}
		if json.Unmarshal([]byte(damaged), new(Model)) == nil {
			t.Errorf("accepted %s", change[1])
		}
	}
}

func FuzzUnmarshalJSON(f *testing.F) {
	for _, m := range eachMethod(f) {
		b, err := json.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m := new(Model)
		if json.Unmarshal(b, m) != nil {
			return
		}
		if _, err := m.Forecast(30, nil); err != nil {
			t.Error(err)
		}
		if _, err := json.Marshal(m); err != nil {
			t.Error(err)
		}
	})
}

func TestContractValuesThatAreNotFiniteAreRefusedByPeriod(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300} {
		y := slices.Clone(weekly)
		y[10] = bad
		_, _, err := DefaultConfig().Fit(t.Context(), Series{Values: y, Season: 1})
		var e *models.ValueError
		if !errors.As(err, &e) || e.Row != 11 {
			t.Errorf("%v: got the error %v", bad, err)
		}
		d := make([]float64, len(weekly))
		d[4] = bad
		_, _, err = DefaultConfig().Fit(t.Context(), Series{Values: weekly, Season: 1, Divisor: d})
		if !errors.As(err, &e) || e.Row != 5 {
			t.Errorf("divisor %v: got the error %v", bad, err)
		}
	}
	for _, s := range []Series{{}, {Values: weekly}, {Values: weekly, Season: -1}, {Values: weekly, Season: 1, Divisor: []float64{1}}} {
		if _, _, err := DefaultConfig().Fit(t.Context(), s); err == nil {
			t.Errorf("%d values, season %d: got no error", len(s.Values), s.Season)
		}
	}
	if _, err := DefaultConfig().FitAll(t.Context(), []Series{{Values: weekly, Season: 1}, {}}); err == nil || !strings.Contains(err.Error(), "series 2") {
		t.Errorf("got the error %v, want the number of the series", err)
	}
}

func TestContractEveryFaultOfAConfigIsReported(t *testing.T) {
	c := Config{Horizon: 0, Window: 0, Origins: -1, Methods: []Method{"oracle", Theta, Theta}, Levels: []float64{0.9, 0.8, 1}, Workers: 0}
	err := c.Validate()
	for _, field := range []string{"horizon", "window", "origins", "oracle", "each method once", "ascending", "below 1", "workers"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("found no %q in %v", field, err)
		}
	}
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}

func TestContractACancelledFitStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := DefaultConfig().Fit(ctx, Series{Values: weekly, Season: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := DefaultConfig().FitAll(ctx, made(3, 40, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestContractAnySeriesHasFiniteForecasts(t *testing.T) {
	alternating, step := make([]float64, 40), make([]float64, 40)
	for i := range alternating {
		alternating[i] = float64(i % 2)
		if i == 39 {
			step[i] = 1e6
		}
	}
	zero := make([]float64, 40)
	for _, y := range [][]float64{{0}, {5}, {1, 2}, {1, 2, 3, 4, 5}, zero, alternating, step, weekly, {-1, -2, -1, -3, -2, -1, -2, -3, -1, -2, -1, -3, -2}} {
		for _, m := range []int{1, 2, 12, 52} {
			for _, method := range methods() {
				c := DefaultConfig()
				c.Methods = []Method{method}
				model, _, err := c.Fit(t.Context(), Series{Values: y, Season: m})
				if err != nil {
					t.Fatal(err)
				}
				f, err := model.Forecast(60, nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, values := range [][]float64{f.Point, f.Intervals[1].Lower, f.Intervals[1].Upper} {
					for _, v := range values {
						if v-v != 0 {
							t.Fatalf("%s, season %d, %d values: got %v", method, m, len(y), v)
						}
					}
				}
			}
		}
	}
}
