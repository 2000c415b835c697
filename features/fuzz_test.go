package features

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// FuzzCompute feeds histories that keep no rule: times out of order, order
// codes that fall, extreme dates and amounts. It must never panic, and where
// the times are in order, the future must not matter.
func FuzzCompute(f *testing.F) {
	f.Add([]byte{}, int32(0))
	f.Add(make([]byte, 31), int32(math.MaxInt32))
	f.Add(slices.Repeat([]byte{0xff}, 93), int32(math.MinInt32))
	f.Add(slices.Repeat([]byte{0x80, 0, 1}, 62), int32(15_000))
	c := NewCalculator(Catalogue())
	got, want := make([]float64, len(c.Features())), make([]float64, len(c.Features()))
	f.Fuzz(func(t *testing.T, raw []byte, day int32) {
		asOf := datasets.Day(day)
		ev := weird(raw)
		err := c.Compute(got, &ev, asOf)
		if err != nil && !errors.Is(err, ErrTooLarge) {
			t.Fatal(err)
		}
		sorted := slices.IsSorted(ev.Time)
		for j, feature := range c.Features() {
			if err == nil && sorted && feature.Missing == never && math.IsNaN(got[j]) {
				t.Errorf("%s is missing", feature.Name)
			}
			if math.IsInf(got[j], 0) {
				t.Errorf("%s is infinite", feature.Name)
			}
		}
		if !sorted {
			return
		}
		n := 0
		for n < ev.Len() && ev.Time[n].Day() <= asOf {
			n++
		}
		if again := c.Compute(want, new(ev.Slice(0, n)), asOf); again != err || !sameFloats(got, want) {
			t.Errorf("the future matters: got %v, %v; want %v, %v", got, err, want, again)
		}
	})
}

// weird turns 31 bytes into an event. The first byte says how the time is made.
func weird(raw []byte) datasets.Events {
	var ev datasets.Events
	at := datasets.Moment(0)
	for ; len(raw) >= 31; raw = raw[31:] {
		u := func(i int) uint64 { return binary.LittleEndian.Uint64(raw[i:]) }
		switch raw[0] % 4 {
		case 0:
			at = datasets.Moment(u(1)) // anywhere
		case 1:
			at += datasets.Moment(u(1) >> 16) // later, within 9 years
		case 2:
			at += datasets.Moment(raw[1]) * datasets.FullDay
		}
		money := datasets.Money(u(9)) >> (raw[2] % 64)
		ev.Time = append(ev.Time, at)
		ev.Order = append(ev.Order, uint32(raw[17]))
		ev.Product = append(ev.Product, uint32(int8(raw[18])))
		ev.Quantity = append(ev.Quantity, datasets.Quantity(u(19))>>(raw[3]%64))
		ev.Amount = append(ev.Amount, money)
		ev.Return = append(ev.Return, raw[27]%3 == 0)
		ev.Category = append(ev.Category, uint32(int8(raw[28])))
		ev.Channel = append(ev.Channel, uint32(raw[29]))
		ev.Store = append(ev.Store, uint32(raw[30])<<24)
		ev.Region = append(ev.Region, uint32(u(4)))
		ev.Salesperson = append(ev.Salesperson, datasets.NoCode)
		ev.Campaign = append(ev.Campaign, uint32(raw[5]%2)-1)
		ev.Cost = append(ev.Cost, money/2)
		ev.Discount = append(ev.Discount, datasets.NoMoney)
	}
	return ev
}

// FuzzRFMModel reads models from JSON: what passes Validate scores every
// customer.
func FuzzRFMModel(f *testing.F) {
	for _, method := range []Method{Independent, Nested} {
		c := DefaultRFM()
		c.Method, c.Ties, c.Bins = method, Hashed, 3
		m, err := c.Fit(context.Background(), randomCustomers(rand.New(rand.NewPCG(1, 0)), 40))
		if err != nil {
			f.Fatal(err)
		}
		raw, err := json.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var m RFMModel
		if json.Unmarshal(raw, &m) != nil || m.Validate() != nil {
			return
		}
		in := randomCustomers(rand.New(rand.NewPCG(2, 0)), 60)
		s, report, err := m.ScoreAll(in)
		if err != nil {
			t.Fatal(err)
		}
		for i := range s.R {
			if s.R[i] > 0 && (s.F[i] < 1 || s.M[i] < 1 || int(max(s.R[i], s.F[i], s.M[i])) > m.Bins || s.Segment[i] == NoSegment) {
				t.Fatalf("customer %d: got %d%d%d, segment %d, %+v", i, s.R[i], s.F[i], s.M[i], s.Segment[i], report)
			}
		}
	})
}
