package campaign

import (
	"fmt"
	"math"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/synth"
	"github.com/quintile-dev/quintile/models/experiment"
)

// world is what customers do in the window of a campaign.
type world struct {
	ids     []string
	ordered map[string]bool
	money   map[string]float64
}

// worldOf plays a retailer whose campaign reaches everybody who is drawn, or nobody.
func worldOf(t *testing.T, seed uint64, reached bool) world {
	t.Helper()
	c := synth.Default()
	c.Customers, c.Lines, c.Seed, c.Columns = 1_500, 20_000, seed, synth.Minimal
	m := synth.Campaign{Name: "m", Day: 650, Share: 1, Uplift: map[string]float64{}}
	if reached {
		for _, s := range synth.Segments() {
			m.Uplift[s] = 0.15
		}
	}
	c.Campaigns = []synth.Campaign{m}
	r, err := synth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w := world{ordered: map[string]bool{}, money: map[string]float64{}}
	err = r.EachDrawn(func(d synth.Drawn) error {
		w.ids = append(w.ids, fmt.Sprint(d.Customer))
		return nil
	})
	from, to := c.Start+650, c.Start+650+30
	if err == nil {
		err = r.Each(t.Context(), func(row synth.Row) error {
			if day := row.Time.Day(); day >= from && day < to && !row.Return && row.Customer != 0 {
				w.ordered[row.CustomerID()] = true
				w.money[row.CustomerID()] += row.UnitPrice.Float() * float64(row.Quantity)
			}
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestIntervalsCoverWhatACampaignBrings plays 200 campaigns. Both worlds of each customer are known, with the
// contact and without it, so that the effect is known to the last order; the plan deals customers into arms.
func TestIntervalsCoverWhatACampaignBrings(t *testing.T) {
	const worlds, waves = 4, 50
	covered, trials := map[string]int{}, 0
	for seed := range uint64(worlds) {
		with, without := worldOf(t, seed+1, true), worldOf(t, seed+1, false)
		rate, money := 0.0, 0.0
		for _, id := range with.ids {
			if with.ordered[id] && !without.ordered[id] {
				rate++
			}
			money += with.money[id] - without.money[id]
		}
		n := float64(len(with.ids))
		for wave := range waves {
			task := task{set: Default(), priced: true}
			l := list{plan: &Plan{Name: fmt.Sprintf("wave %d of %d", wave, seed), Holdout: 0.3}}
			c := &campaign{uplift: unlearned(NoControl, 0)}
			for _, id := range with.ids {
				world, count, arm := with, &c.treated, &c.money[0]
				if l.armOf([]byte(id)) == datasets.Control {
					world, count, arm = without, &c.control, &c.money[1]
				}
				count.Of++
				if world.ordered[id] {
					count.Hits++
				}
				arm.Add(world.money[id], 0)
			}
			if share := float64(c.control.Of) / n; math.Abs(share-0.3) > 0.06 {
				t.Errorf("%s: a share of %.3f is held out, want 0.3", l.plan.Name, share)
			}
			if err := task.compare(c); err != nil {
				t.Fatal(err)
			}
			trials++
			if v := c.values; v["rate_low"] <= rate/n && rate/n <= v["rate_high"] {
				covered["rate"]++
			}
			if v := c.values; v["money_low"] <= money/n && money/n <= v["money_high"] {
				covered["money"]++
			}
			if v := c.values; v["money_adjusted_low"] <= money/n && money/n <= v["money_adjusted_high"] {
				covered["adjusted"]++
			}
		}
	}
	t.Logf("of %d intervals of 95 %% cover the effect: %v", trials, covered)
	for name, n := range covered {
		if float64(n) < 0.95*float64(trials)-2*math.Sqrt(float64(trials)*0.95*0.05) {
			t.Errorf("%s: %d of %d intervals cover the effect", name, n, trials)
		}
	}
	if len(covered) != 3 {
		t.Errorf("got %v", covered)
	}
}

func TestAListIsFilledByScoreWithinSizeAndBudget(t *testing.T) {
	people := func() []listed {
		nan := math.NaN()
		return []listed{
			{position: 0, score: 1, chance: 0.5, arm: datasets.Treated}, {position: 1, score: 3, chance: 0.5, arm: datasets.Treated},
			{position: 2, score: nan, chance: 0.2, arm: datasets.Treated}, {position: 3, score: 3, chance: 0.1, arm: datasets.Control},
			{position: 4, score: nan, chance: 0.1, arm: datasets.Treated},
		}
	}
	for _, f := range []struct {
		plan    Plan
		want    string
		treated int
	}{
		{Plan{}, "[3 1 0 4 2]", 4},
		{Plan{Size: 2}, "[3 1]", 1},
		{Plan{Budget: 1, Cost: 0.5}, "[3 1 0]", 2}, // a control costs nothing
		{Plan{Budget: 0.4, Cost: 0.5}, "[3]", 0},
	} {
		l := list{plan: &f.plan, arms: make([]datasets.Arm, 5)}
		l.fill(people())
		var got []uint32
		for _, x := range l.people {
			got = append(got, x.position)
			if l.arms[x.position] != x.arm {
				t.Errorf("%+v: customer %d has arm %d, want %d", f.plan, x.position, l.arms[x.position], x.arm)
			}
		}
		if fmt.Sprint(got) != f.want || l.treated != f.treated {
			t.Errorf("%+v: got %v with %d treated, want %s with %d", f.plan, got, l.treated, f.want, f.treated)
		}
	}
}

func TestSmallestEffectOfAListIsThatOfItsArms(t *testing.T) {
	// KEYS: 10.6167 % + 1 point, a hold-out of a tenth, power 0.8: 78,497.640 treated, 8,721.960 controls.
	const treated, control = 78_498, 8_722
	l := list{plan: &Plan{Objective: forOrders}, treated: treated}
	for k := range treated + control {
		l.people = append(l.people, listed{ordered: float64(k) < 0.106167*(treated+control)})
	}
	if err := l.reckon(); err != nil {
		t.Fatal(err)
	}
	if math.Abs(l.smallest-0.01) > 1e-6 {
		t.Errorf("got %v, want 0.01", l.smallest)
	}
	want, err := experiment.DefaultDesign().SmallestEffect(l.recent.Rate(), treated, control)
	if err != nil || l.smallest != want {
		t.Errorf("got %v, want %v, %v", l.smallest, want, err)
	}
}
