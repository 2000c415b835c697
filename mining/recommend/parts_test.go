package recommend

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/features/holdings"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/models/neighbour"
)

var english = words.MustOpen(words.English, "")

func TestReasonsAreWordsForMarketers(t *testing.T) {
	m := &Model{items: []string{"a", "b"}, descriptions: []string{"REGENCY TEACUP", ""},
		ranking: ranking{market: &market{recent: []uint32{132, 0}, ever: []uint32{200, 1}}}}
	f := func(e entry, want string) {
		t.Helper()
		var record [entryWords]uint32
		e.put(record[:])
		var got entry
		if !got.get(record[:]) || m.reason(&got, english) != want {
			t.Errorf("got %q of %+v, want %q", m.reason(&got, english), got, want)
		}
	}
	f(entry{times: 6, since: 33, gap: 28}, "bought 6 times, every 28 days, due since 5 days")
	f(entry{times: 2, since: 27, gap: 28}, "bought 2 times, every 28 days, due in 1 day")
	f(entry{times: 2, since: 1, gap: 1}, "bought 2 times, every 1 day, due today")
	f(entry{times: 2, since: 3, gap: 0.2}, "bought 2 times, last 3 days ago")
	f(entry{times: 1, since: 45}, "bought once, 45 days ago")
	f(entry{item: 1, with: 0, share: 0.62}, "bought with REGENCY TEACUP by 62 % of its buyers")
	f(entry{item: 0, with: 1, share: 0.5}, "bought with b by 50 % of its buyers")
	f(entry{item: 0, with: none}, "bought by 132 customers in the last 30 days")
	f(entry{item: 1, with: none}, "bought by 1 customer")
}

// smallRows are four customers: two hold 0 and 1, one 1 and 2, one 0.
func smallRows() neighbour.Rows {
	rows := neighbour.Rows{ItemCount: 3}
	for _, row := range [][]uint32{{0, 1}, {0, 1}, {1, 2}, {0}} {
		rows.Add(row)
	}
	return rows
}

func fitted(t testing.TB, rows neighbour.Rows) *neighbour.Model {
	t.Helper()
	c := neighbour.DefaultConfig()
	c.Dense, c.Workers = 0, 1
	m, _, err := c.Fit(context.Background(), rows)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// By hand: n = 3, 3, 1; n₀₁ = 2, n₁₂ = 1. Cosine of 1 and 0 is 2/3, of 1 and 2 is 1/√3.
func TestLinksCountThoseWhoHoldBoth(t *testing.T) {
	rows := smallRows()
	l := newLinks(fitted(t, rows), rows)
	f := func(item uint32, held []uint32, source, both uint32, found bool) {
		t.Helper()
		s, b, ok := l.strongest(item, held)
		if s != source || b != both || ok != found {
			t.Errorf("item %d of %v: got %d, %d, %v; want %d, %d, %v", item, held, s, b, ok, source, both, found)
		}
	}
	f(0, []uint32{1, 2}, 1, 2, true)
	f(1, []uint32{0, 2}, 0, 2, true) // 2/3 is more than 1/√3
	f(1, []uint32{2}, 2, 1, true)
	f(2, []uint32{0}, 0, 0, false) // nobody holds both
	again, err := readLinks(l.bytes(), 3)
	if err != nil || !slices.Equal(again.sources, l.sources) || !slices.Equal(again.both, l.both) || !slices.Equal(again.offsets, l.offsets) {
		t.Errorf("got %+v, %v; want %+v", again, err, l)
	}
}

func FuzzReadLinks(f *testing.F) {
	rows := smallRows()
	l := newLinks(fitted(f, rows), rows)
	f.Add(l.bytes(), 3)
	f.Add([]byte{255, 255, 255}, 2)
	f.Fuzz(func(t *testing.T, b []byte, items int) {
		if items < 0 || items > 1000 {
			return
		}
		l, err := readLinks(b, items)
		if err != nil {
			return
		}
		if len(l.offsets) != items+1 || l.offsets[items] != len(l.sources) || len(l.both) != len(l.sources) {
			t.Errorf("got %+v for %d items", l, items)
		}
	})
}

func TestRecordsOnDiskAreThoseInMemory(t *testing.T) {
	space := spill.New(t.TempDir(), 1)
	defer func() {
		if err := space.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, budget := range []int64{0, 1 << 20} {
		r := records{stride: 2, budget: budget, spill: space, blocks: make([]recordBlock, 2)}
		for p := range 2 {
			if err := r.put(p, 0, []uint32{uint32(10 * p), 1, uint32(10*p + 2), 3}); err != nil {
				t.Fatal(err)
			}
		}
		got := make([]uint32, 2)
		if err := r.get(got, newPlace(1, 1)); err != nil || !slices.Equal(got, []uint32{12, 3}) {
			t.Errorf("budget %d: got %v, %v; want 12 and 3", budget, got, err)
		}
		r.close()
	}
}

// The curve is that of the odds with which candidates were made: it gives back their shares.
func TestProbabilitiesAreThoseOfTheData(t *testing.T) {
	var p points
	bought := map[float64]int{0.5: 100, 4: 500} // of 1000 candidates by score
	for _, score := range []float64{0.5, 4} {
		for i := range 1000 {
			p.add(inputs{math.Log(score)}, i < bought[score])
		}
	}
	c, err := p.fit(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for score, n := range bought {
		if got, want := c.at(inputs{math.Log(score)}), float64(n)/1000; math.Abs(got-want) > 0.005 {
			t.Errorf("score %v: got %.4f, want %.4f", score, got, want)
		}
	}
}

func TestProbabilitiesNeverFallWithTheScore(t *testing.T) {
	for _, n := range []int{10, 1000} {
		var p points
		for i := range n { // the higher the score the fewer are bought
			p.add(inputs{float64(i % 10), float64(i % 3)}, i%10 < 3)
		}
		c, err := p.fit(context.Background(), 1)
		if err != nil {
			t.Fatal(err)
		}
		low, high := c.at(inputs{0, 1}), c.at(inputs{9, 1})
		if high < low || !(low > 0 && high < 1) {
			t.Errorf("%d points: got %v for a low and %v for a high score", n, low, high)
		}
	}
	c, err := (&points{}).fit(context.Background(), 1)
	if err != nil || c.check() != nil || !(c.at(inputs{}) < 1e-5) {
		t.Errorf("without points: got %+v, %v", c, err)
	}
}

func TestRulesExcludeByCodeAndPrefix(t *testing.T) {
	s := Settings{Exclude: []Rule{{Equals: "POST"}, {Prefix: "gift_"}, {Equals: "absent"}}}
	out, warnings := s.excluded([]string{"22423", "POST", "POSTER", "gift_0001"})
	if !slices.Equal(out, []bool{false, true, false, true}) || len(warnings) != 1 || warnings[0].Count != 1 {
		t.Errorf("got %v, %v", out, warnings)
	}
	s.Exclude = []Rule{{}, {Equals: "a", Prefix: "b"}, {Prefix: "c"}}
	if got := len(s.Check()); got != 2 {
		t.Errorf("got %d faults, want 2", got)
	}
}

// By hand: item 0 was bought 3 times and last 10 days ago; item 2 once 100 days ago and is
// not sold any more.
func TestOldItemsAreNotOffered(t *testing.T) {
	s := newSnapshot(1000, 3)
	s.last[0], s.last[2] = 990, 900
	s.ever[0], s.ever[2] = 3, 1
	if got := s.old(100, make([]bool, 3)); !slices.Equal(got, []bool{false, true, true}) {
		t.Errorf("got %v, want the items barred that were never sold or not for 100 days", got)
	}
	if got := s.old(101, []bool{true, false, false}); !slices.Equal(got, []bool{true, true, false}) {
		t.Errorf("got %v, want the items barred that were never sold or are excluded", got)
	}
}

func smallModel(t testing.TB) *Model {
	t.Helper()
	rows := smallRows()
	facts, err := newMarket([]uint32{1, 2, 0}, []uint32{3, 3, 1}, []bool{false, false, true})
	if err != nil {
		t.Fatal(err)
	}
	curves := probabilities{New: &curve{-1, []float64{1, 0, 0.1, 0}}, Repeat: &curve{0.1, []float64{0.3, -0.2, 0, 0}}}
	m := &Model{top: 2, horizonDays: 30, dimension: "product", items: []string{"a", "b", "c"}, descriptions: []string{"A", "", "C"},
		ranking: ranking{market: facts, weights: fitted(t, rows), rhythm: true}, probabilities: curves,
		propensity: &propensity{[]categoryModel{{"bread", -2, make([]float64, len(habits{}))}}}}
	m.links = newLinks(m.weights, rows)
	return m
}

func TestModelsLoadToTheSameLists(t *testing.T) {
	m := smallModel(t)
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var read Model
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(&read)
	if err != nil || string(again) != string(text) {
		t.Errorf("got %s, %v; want %s", again, err, text)
	}
	lists := func(m *Model) string {
		h := &holder{held: []holdings.Held{{Code: 1, Times: 2, First: 10, Last: 30}}, row: []uint32{1}, since: 5, days: 2}
		rows := neighbour.Rows{ItemCount: 3}
		rows.Add(h.row)
		fresh, err := m.fresh(context.Background(), rows, 5, 1)
		if err != nil {
			t.Fatal(err)
		}
		out := ""
		for _, c := range m.list(nil, h, 35, fresh[0], &m.probabilities, 5) {
			e := m.entry(&c, h, 35)
			out += fmt.Sprintln(m.items[e.item], kindOf(&e), math.Float64bits(e.prob), m.reason(&e, english))
		}
		return out
	}
	if got, want := lists(&read), lists(m); got != want || want == "" {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func FuzzModel(f *testing.F) {
	text, err := json.Marshal(smallModel(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"format":"quintile.recommend/1","top":1,"horizon_days":1,"dimension":"product","repeats_by":"rhythm",` +
		`"probabilities":{"new":{"intercept":0,"slopes":[1,0,0,0]}},"items":[],"recent":[],"ever":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var m Model
		if json.Unmarshal(text, &m) != nil {
			return
		}
		if _, err := json.Marshal(&m); err != nil {
			t.Errorf("got %v of a model that was read", err)
		}
	})
}

// kindOf says whether the item was held.
func kindOf(e *entry) string {
	if e.times > 0 {
		return "repeat"
	}
	return "new"
}
