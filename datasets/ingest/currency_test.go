package ingest

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
)

func twoCurrencies() []byte {
	var b strings.Builder
	b.WriteString("customer;day;order;price;money\n")
	for i := range 60 {
		if i%2 == 0 {
			fmt.Fprintf(&b, "c%d;2024-01-%02d;%d;10.50;USD\n", i%9, 1+i%28, i)
		} else {
			fmt.Fprintf(&b, "c%d;2024-01-%02d;%d;2000;jpy\n", i%9, 1+i%28, i)
		}
	}
	return []byte(b.String())
}

func inDollars(t *testing.T, change func(*Source)) Source {
	return dialectSource(t, twoCurrencies(), func(s *Source) {
		s.Columns[Currency], s.Currency = "money", "USD"
		change(s)
	})
}

func TestSeveralCurrenciesStopTheRun(t *testing.T) {
	for name, change := range map[string]func(*Source){
		"at the beginning": func(*Source) {},
		"at the end":       func(s *Source) { s.SetAside = []Rule{{Name: "none", Column: "order", Equals: ptr("none")}} },
	} {
		c := Config{Sources: []Source{inDollars(t, change)}, Zone: time.UTC, Workers: 2}
		b := history.NewBuilder(history.Config{Columns: c.Columns(), Workers: 2})
		if _, err := Load(context.Background(), c, b); err == nil || !strings.Contains(err.Error(), "amounts in jpy (30 lines), want amounts in USD") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAFilterSettlesCurrencies(t *testing.T) {
	report, got := load(t, 2, inDollars(t, func(s *Source) { s.SetAside = []Rule{{Name: "yen", Column: "currency", Equals: ptr("jpy")}} }))
	if got.money != 315_000_000 || report.Inputs[0].SetAside["yen"] != 30 {
		t.Errorf("got %+v and %+v", got, report.Inputs[0])
	}
}

func TestRatesSettleCurrencies(t *testing.T) {
	rates := func(add func(*Rates) error) func(*Source) {
		r := &Rates{}
		if err := add(r); err != nil {
			t.Fatal(err)
		}
		return func(s *Source) { s.Rates = r }
	}
	rate := func(text string) Rate {
		r, err := ParseRate(text, '.')
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	always := rates(func(r *Rates) error { return r.Add("JPY", nil, rate("0.0067")) })
	if _, got := load(t, 2, inDollars(t, always)); got.money != 315_000_000+30*13_400_000 {
		t.Errorf("one rate: got %d, want 717000000", got.money)
	}
	path := write(t, "rates.csv", []byte("code,day,rate\nJPY,2024-01-15,0.01\nJPY,2023-12-01,0.005\n"))
	r := &Rates{}
	report, err := ReadRates(context.Background(), []RateSource{{Source: Source{Path: path, CSV: inDollars(t, always).CSV, Decimal: '.'}, Code: "code", Rate: "rate", Day: "day"}}, r, nil)
	if err != nil || len(report.Faults) > 0 {
		t.Fatal(err, report)
	}
	// Odd days of January hold 2000 yen: 1 + i%28 for odd i is 2, 4, …, 28; 2 to 14 come seven times two or three.
	var want datasets.Money = 315_000_000
	for i := 1; i < 60; i += 2 {
		if 1+i%28 < 15 {
			want += 10_000_000
		} else {
			want += 20_000_000
		}
	}
	if _, got := load(t, 2, inDollars(t, func(s *Source) { s.Rates = r })); got.money != want {
		t.Errorf("by day: got %d, want %d", got.money, want)
	}
	late := rates(func(r *Rates) error { return r.Add("JPY", new(datasets.DayOf(2024, 1, 15)), rate("0.01")) })
	report2, _ := load(t, 2, inDollars(t, late))
	if n := report2.Inputs[0].Quarantined; n != 16 || report2.Faults[0].Reason != datasets.UnknownWord {
		t.Errorf("before the first rate: got %d rows, want 16", n)
	}
}

func TestAmountsAreConvertedExactly(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 0))
	one := big.NewInt(rateOne)
	for range 20000 {
		r, m := Rate(1+rng.Int64N(1<<rng.IntN(60)+1)), datasets.Money(rng.Int64N(limit)>>rng.IntN(50))
		if rng.IntN(2) == 0 {
			m = -m
		}
		product := new(big.Int).Mul(big.NewInt(int64(abs(m))), big.NewInt(int64(r)))
		want, rest := new(big.Int).QuoRem(product, one, new(big.Int))
		if rest.Lsh(rest, 1).Cmp(one) >= 0 {
			want.Add(want, big.NewInt(1))
		}
		got, ok := r.of(m)
		if beyond := want.Cmp(big.NewInt(limit)) >= 0; ok == beyond || ok && int64(abs(got)) != want.Int64() {
			t.Fatalf("%d times %d: got %d, %v, want %s", m, r, got, ok, want)
		}
	}
}

func TestRatesAreReadExactly(t *testing.T) {
	for text, want := range map[string]Rate{
		"0.0067": 6_700_000_000, "1": rateOne, "999999.999999999999": 999_999_999_999_999_999, ".000000000001": 1, "1.50": 1_500_000_000_000, "000001": rateOne,
		"": 0, "0": 0, "-1": 0, "1e3": 0, "1000000": 0, "0.0000000000001": 0, ".": 0, "1.2.3": 0,
	} {
		if got, err := ParseRate(text, '.'); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: got %d, %v, want %d", text, got, err, want)
		}
	}
}
