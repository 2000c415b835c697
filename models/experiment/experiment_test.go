package experiment

import (
	"encoding/csv"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/quintile-dev/quintile/datasets/realdata"
	"github.com/quintile-dev/quintile/models"
)

// near fails the test unless got is want to the digits of want.
func near(t *testing.T, name string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %.9f, want %.9f within %g", name, got, want, tolerance)
	}
}

// arms gathers the e-mail test of K. Hillstrom (MineThatData, 2008) by segment.
type arms struct {
	visit, conversion Count
	visits, spend     Arm // the covariate of both is history
}

func readHillstrom(t *testing.T) map[string]*arms {
	t.Helper()
	rows, err := csv.NewReader(realdata.Open(t, "hillstrom/hillstrom.csv.gz")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for j, name := range rows[0] {
		at[name] = j
	}
	out := map[string]*arms{}
	for _, row := range rows[1:] {
		number := func(name string) float64 {
			v, err := strconv.ParseFloat(row[at[name]], 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		a := out[row[at["segment"]]]
		if a == nil {
			a = &arms{}
			out[row[at["segment"]]] = a
		}
		a.visit.Of++
		a.conversion.Of++
		a.visit.Hits += int(number("visit"))
		a.conversion.Hits += int(number("conversion"))
		a.visits.Add(number("visit"), number("history"))
		a.spend.Add(number("spend"), number("history"))
	}
	return out
}

func TestRatesOfHillstromMeetTheKeys(t *testing.T) {
	data := readHillstrom(t)
	control := data["No E-Mail"]
	f := func(name string, treated, none Count, effect, low, high, z float64) {
		t.Helper()
		got, err := Newcombe(treated, none, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name, got.Estimate, effect, 5e-10)
		near(t, name+" low", got.Low, low, 5e-10)
		near(t, name+" high", got.High, high, 5e-10)
		gotZ, p, err := PooledZ(treated, none)
		if err != nil || !(p >= 0 && p < 0.001) {
			t.Errorf("%s: p %v, %v", name, p, err)
		}
		near(t, name+" z", gotZ, z, 5e-7)
	}
	womens, mens := data["Womens E-Mail"], data["Mens E-Mail"]
	f("womens visit", womens.visit, control.visit, 0.045233107, 0.038894095, 0.051574343, 13.949181)
	f("womens conversion", womens.conversion, control.conversion, 0.003111058, 0.001501657, 0.004745471, 3.779561)
	f("mens visit", mens.visit, control.visit, 0.076589564, 0.069953308, 0.083226741, 22.486041)
	_, err := Newcombe(mens.conversion, control.conversion, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	conversion, _ := Newcombe(mens.conversion, control.conversion, 0.95)
	near(t, "mens conversion", conversion.Estimate, 0.006805007, 5e-10)
	near(t, "mens conversion low", conversion.Low, 0.005014345, 5e-10)
	near(t, "mens conversion high", conversion.High, 0.008640723, 5e-10)

	treatedRate, _ := Wilson(womens.visit, 0.95)
	controlRate, _ := Wilson(control.visit, 0.95)
	near(t, "Wilson treated low", treatedRate.Low, 0.146659175, 5e-10)
	near(t, "Wilson treated high", treatedRate.High, 0.156266798, 5e-10)
	near(t, "Wilson control low", controlRate.Low, 0.102101654, 5e-10)
	near(t, "Wilson control high", controlRate.High, 0.110374890, 5e-10)

	chi2, p, err := SampleRatio([]int{womens.visit.Of, mens.visit.Of, control.visit.Of}, []float64{1, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "sample ratio", chi2, 0.202531250, 5e-10)
	near(t, "sample ratio p", p, 0.903692957, 1e-9) // exp(−0.101265625) = 0.90369295756
}

func TestMoneyOfHillstromMeetsTheKeys(t *testing.T) {
	data := readHillstrom(t)
	control, womens, mens := data["No E-Mail"], data["Womens E-Mail"], data["Mens E-Mail"]
	f := func(name string, treated Arm, mean, effect, low, high, tValue, df float64) {
		t.Helper()
		got, err := Welch(treated, control.spend, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+" mean", treated.Mean(), mean, 5e-10)
		near(t, name, got.Estimate, effect, 5e-10)
		near(t, name+" low", got.Low, low, 5e-10)
		near(t, name+" high", got.High, high, 5e-10)
		near(t, name+" t", got.T, tValue, 5e-7)
		near(t, name+" df", got.DF, df, 5e-5)
	}
	near(t, "control mean", control.spend.Mean(), 0.652789355, 5e-10)
	f("womens", womens.spend, 1.077201571, 0.424412216, 0.168956790, 0.679867642, 3.256372, 40064.8844)
	f("mens", mens.spend, 1.422616511, 0.769827156, 0.485139733, 1.054514579, 5.300140, 36671.1580)

	g := func(name string, treated, none Arm, theta, effect, low, high, share float64) {
		t.Helper()
		got, err := CUPED(treated, none, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+" theta", got.Theta, theta, 5e-10)
		near(t, name, got.Estimate, effect, 5e-10)
		near(t, name+" low", got.Low, low, 5e-10)
		near(t, name+" high", got.High, high, 5e-10)
		near(t, name+" variance", got.VarianceShare, share, 5e-10)
	}
	g("CUPED visit", womens.visits, control.visits, 0.000083534, 0.045094942, 0.038768033, 0.051421852, 0.995987500)
	g("CUPED spend", womens.spend, control.spend, 0.001034651, 0.422700923, 0.167293792, 0.678108055, 0.999619404)
}

func TestSizesMeetTheKeys(t *testing.T) {
	f := func(base, effect, power, ratio, want float64) {
		t.Helper()
		d := DefaultDesign()
		d.Power, d.Ratio = power, ratio
		got, err := d.TreatedSize(base, effect)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "size", got, want, 5e-4)
	}
	f(0.106167, 0.01, 0.8, 1, 15509.604)
	f(0.106167, 0.01, 0.9, 1, 20762.461)
	f(0.106167, 0.005, 0.8, 1, 60817.268)
	f(0.106167, 0.005, 0.9, 1, 81416.568)
	f(0.005726, 0.002, 0.8, 1, 26217.066)
	f(0.005726, 0.002, 0.9, 1, 35096.714)
	f(0.10, 0.02, 0.8, 1, 3840.847)
	f(0.10, 0.02, 0.9, 1, 5141.306)
	f(0.106167, 0.01, 0.8, 1.0/9, 78497.640)
}

func TestSmallestEffectIsThatOfTheSize(t *testing.T) {
	d := DefaultDesign()
	f := func(base float64, treated, control int) {
		t.Helper()
		effect, err := d.SmallestEffect(base, treated, control)
		if err != nil {
			t.Fatal(err)
		}
		back := d
		back.Ratio = float64(control) / float64(treated)
		size, err := back.TreatedSize(base, effect)
		if err != nil || math.Abs(size/float64(treated)-1) > 1e-9 {
			t.Errorf("base %v, %d and %d: effect %v needs %v treated, %v", base, treated, control, effect, size, err)
		}
	}
	f(0.106167, 15510, 15510)
	f(0.106167, 78498, 8722)
	f(0, 1000, 100)
	f(0.9, 5000, 5000)

	if got, err := d.SmallestEffect(0.5, 3, 3); err != nil || !math.IsNaN(got) {
		t.Errorf("three customers an arm show %v, %v; want NaN", got, err)
	}
	// By hand: (1.959964 + 0.841621)·√(100/50 + 100/50) = 5.603170.
	got, err := d.SmallestMeanEffect(100, 50, 50)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean effect", got, 5.603170, 1e-6)
}

func TestEmptyArmsHaveNoFigures(t *testing.T) {
	i, err := Newcombe(Count{1, 2}, Count{}, 0.95)
	if err != nil || !math.IsNaN(i.Low) || !math.IsNaN(i.Estimate) {
		t.Errorf("got %+v, %v", i, err)
	}
	var one, many Arm
	one.Add(3, 0)
	for k := range 5 {
		many.Add(float64(k), 0)
	}
	w, err := Welch(one, many, 0.95)
	if err != nil || w.Estimate != 1 || !math.IsNaN(w.Low) || !math.IsNaN(w.P) {
		t.Errorf("got %+v, %v", w, err)
	}
	if w, err := Welch(Arm{}, many, 0.95); err != nil || !math.IsNaN(w.Estimate) {
		t.Errorf("got %+v, %v", w, err)
	}
	if w, err := CUPED(Arm{}, Arm{}, 0.95); err != nil || !math.IsNaN(w.Estimate) {
		t.Errorf("got %+v, %v", w, err)
	}
	if chi2, _, err := SampleRatio([]int{0, 0}, []float64{1, 1}); err != nil || !math.IsNaN(chi2) {
		t.Errorf("got %v, %v", chi2, err)
	}
}

func TestWilsonStaysWithinTheRates(t *testing.T) {
	none, err := Wilson(Count{0, 10}, 0.95)
	// By hand: 0 to z²/(n+z²) = 3.841459/13.841459.
	if err != nil || none.Low != 0 || math.Abs(none.High-0.277533) > 1e-6 {
		t.Errorf("got %+v, %v", none, err)
	}
	all, err := Wilson(Count{10, 10}, 0.95)
	if err != nil || all.High != 1 || math.Abs(all.Low-(1-none.High)) > 1e-15 {
		t.Errorf("got %+v, %v", all, err)
	}
}

func TestImpossibleInputIsRefused(t *testing.T) {
	f := func(name string, err error) {
		t.Helper()
		var config *models.ConfigError
		if !errors.As(err, &config) {
			t.Errorf("%s: got %v, want a ConfigError", name, err)
		}
	}
	_, err := Wilson(Count{3, 2}, 0.95)
	f("more hits than customers", err)
	_, err = Wilson(Count{-1, 2}, 0.95)
	f("negative hits", err)
	_, err = Newcombe(Count{1, 2}, Count{1, 2}, 1)
	f("level 1", err)
	_, _, err = PooledZ(Count{1, 2}, Count{0, -2})
	f("negative arm", err)
	_, err = Welch(Arm{}, Arm{}, math.NaN())
	f("level NaN", err)
	_, _, err = SampleRatio([]int{1}, []float64{1})
	f("one arm", err)
	_, _, err = SampleRatio([]int{1, 2}, []float64{1, 0})
	f("an arm that was not planned", err)
	_, err = DefaultDesign().TreatedSize(0.5, 0)
	f("no effect", err)
	_, err = DefaultDesign().TreatedSize(0.5, 0.6)
	f("a rate above 1", err)
	_, err = Design{Ratio: 1, Alpha: 0.05, Power: 1}.SmallestEffect(0.5, 10, 10)
	f("power 1", err)
	_, err = DefaultDesign().SmallestEffect(2, 10, 10)
	f("base 2", err)
	_, err = DefaultDesign().SmallestMeanEffect(math.NaN(), 10, 10)
	f("variance NaN", err)
}

func TestMergedArmsAreOneArm(t *testing.T) {
	const seed = 11
	rng := rand.New(rand.NewPCG(seed, 0))
	var whole Arm
	parts := make([]Arm, 7)
	for i := range 1000 {
		y, c := 1e6+rng.NormFloat64(), rng.ExpFloat64()
		whole.Add(y, c)
		parts[i%5].Add(y, c) // two parts stay empty
	}
	var merged Arm
	for _, p := range parts {
		merged.Merge(p)
	}
	if merged.Customers() != whole.Customers() {
		t.Errorf("seed %d: got %d customers, want %d", seed, merged.Customers(), whole.Customers())
	}
	near(t, "mean", merged.Mean(), whole.Mean(), 1e-8)
	near(t, "variance", merged.Variance(), whole.Variance(), 1e-8)
	near(t, "covariance", merged.xy, whole.xy, 1e-6)
}

// The interval of a planted effect covers it as often as its level says.
func TestIntervalsCoverAPlantedEffect(t *testing.T) {
	const seed, trials, size, effect = 3, 400, 300, 0.08
	rng := rand.New(rand.NewPCG(seed, 0))
	var byNewcombe, byWelch, byCUPED int
	for range trials {
		treated, control := Count{Of: size}, Count{Of: size / 3}
		var t1, t0 Arm
		draw := func(c *Count, a *Arm, rate float64) {
			for range c.Of {
				before := rng.Float64()
				y := 0.0
				if rng.Float64() < rate+float64(0.2*before) {
					y = 1
					c.Hits++
				}
				a.Add(y, before)
			}
		}
		draw(&treated, &t1, 0.1+effect)
		draw(&control, &t0, 0.1)
		n, _ := Newcombe(treated, control, 0.95)
		w, _ := Welch(t1, t0, 0.95)
		c, err := CUPED(t1, t0, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		for hits, i := range map[*int]Interval{&byNewcombe: n, &byWelch: w.Interval, &byCUPED: c.Interval} {
			if i.Holds(effect) {
				*hits++
			}
		}
	}
	// 0.95 of 400 is 380, with a standard deviation of 4.4.
	for name, hits := range map[string]int{"Newcombe": byNewcombe, "Welch": byWelch, "CUPED": byCUPED} {
		if hits < 365 || hits > 395 {
			t.Errorf("%s (seed %d): covers in %d of %d trials, want 365 to 395", name, seed, hits, trials)
		}
	}
}
