package synth

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
)

// Campaign is a mailing with a control group, and a known effect.
type Campaign struct {
	Name string
	Day  int // of the contact, in [0,Config.Days)
	// Share of the customers who may buy on the day that is drawn, in (0,1].
	Share float64
	// Holdout is the share of the drawn customers who are not contacted, in
	// [0,0.9].
	Holdout float64
	Cost    datasets.Money // of one contact, ≥ 0
	// Uplift is the chance, by the name of a segment, of one more order after a contact,
	// within [CampaignDays]; in [0,1], 0 for a segment that is not named. A customer who
	// has dropped out by the day of the order does not order.
	Uplift map[string]float64
}

// CampaignDays is the number of days from the contact, the day itself included, in
// which the orders brought by a campaign fall.
const CampaignDays = 21

// invitation is a customer who was drawn into a campaign.
type invitation struct {
	customer uint32
	treated  bool
}

// extra is an order brought by a campaign. The lines come on top of Config.Lines.
type extra struct {
	day      int
	customer uint32
	lines    uint32
	second   int
	stream   stream
}

// validate returns what is wrong with campaign i of c.
func (m *Campaign) validate(c *Config, check func(ok bool, field string, got any, want string), i int) {
	field := func(name string) string { return fmt.Sprintf("campaigns[%d].%s", i, name) }
	check(m.Name != "", field("name"), fmt.Sprintf("%q", m.Name), "a name")
	for _, other := range c.Campaigns[:i] {
		check(other.Name != m.Name, field("name"), fmt.Sprintf("%q", m.Name), "a name of its own")
	}
	check(m.Day >= 0 && m.Day < c.Days, field("day"), m.Day, "a day of the history, from 0 on")
	check(m.Share > 0 && m.Share <= 1, field("share"), m.Share, "a share in (0,1]")
	check(m.Holdout >= 0 && m.Holdout <= 0.9, field("holdout"), m.Holdout, "a share in [0,0.9]")
	check(m.Cost >= 0 && m.Cost%cent == 0, field("cost"), m.Cost, "whole cents ≥ 0")
	known := 0
	for _, name := range Segments() {
		u, named := m.Uplift[name]
		if named {
			known++
		}
		check(u >= 0 && u <= 1, field("uplift")+"["+name+"]", u, "a chance in [0,1]")
	}
	check(known == len(m.Uplift), field("uplift"), m.Uplift, "names of segments")
}

// invite draws the customers of each campaign, and the orders brought by the
// campaign.
func (r *Retailer) invite() {
	r.invited = make([][]invitation, len(r.config.Campaigns))
	clock := newClock()
	for k := range r.config.Campaigns {
		m := &r.config.Campaigns[k]
		for i := range r.people {
			p := &r.people[i]
			if int(p.first) > m.Day || int(p.last) < m.Day {
				continue
			}
			s := streamOf(mix(r.config.Seed+uint64(k)*golden), forCampaigns, uint64(i))
			if !s.chance(m.Share) {
				continue
			}
			treated := !s.chance(m.Holdout)
			r.invited[k] = append(r.invited[k], invitation{uint32(i), treated})
			if !treated || !s.chance(m.Uplift[segments[p.segment].name]) {
				continue
			}
			e := extra{
				day: m.Day + s.below(CampaignDays), customer: uint32(i),
				lines: uint32(min(20, s.geometric(r.config.LinesPerOrder*segments[p.segment].basket))),
			}
			e.second = clock.draw(&s)
			e.stream = stream(s.Uint64())
			if e.day <= int(p.last) && e.day < r.config.Days {
				r.extras = append(r.extras, e)
				r.extraLines += int(e.lines)
			}
		}
	}
	slices.SortStableFunc(r.extras, func(a, b extra) int { return cmp.Compare(a.day, b.day) })
}

// addExtras adds the day's orders that campaigns bring.
func (w *walk) addExtras() {
	for len(w.extras) > 0 && w.extras[0].day == w.day {
		e := &w.extras[0]
		w.add(e.second, event{stream: e.stream, customer: e.customer, lines: e.lines, back: -1, extra: true})
		w.extras = w.extras[1:]
	}
}

// Lines returns the number of line items: Config.Lines, and the lines brought by
// campaigns.
func (r *Retailer) Lines() int { return r.config.Lines + r.extraLines }

// Drawn is a customer who was drawn into a campaign.
type Drawn struct {
	Customer int64
	Campaign string
	Time     datasets.Moment
	Treated  bool
	Cost     datasets.Money // 0 for a control
	Uplift   float64        // the chance of one order more, were the customer contacted
}

// EachDrawn calls visit with everybody who was drawn into a campaign, campaign after
// campaign in the order of the config.
func (r *Retailer) EachDrawn(visit func(Drawn) error) error {
	for k, people := range r.invited {
		m := &r.config.Campaigns[k]
		d := Drawn{Campaign: m.Name, Time: datasets.Moment(r.config.Start+datasets.Day(m.Day)) * datasets.FullDay}
		for _, i := range people {
			d.Customer, d.Treated, d.Cost = r.ids.id(int(i.customer)), i.treated, 0
			d.Uplift = m.Uplift[segments[r.people[i.customer].segment].name]
			if i.treated {
				d.Cost = m.Cost
			}
			if err := visit(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// WriteCampaigns writes who was drawn into which campaign, as CSV with the columns
// customer_id, campaign, sent, arm (treated or control) and cost.
//
// Errors: those of w, or ctx.Err() where cancelled.
func (r *Retailer) WriteCampaigns(ctx context.Context, w io.Writer) error {
	out := csvio.NewWriter(w, csvio.DefaultWriterOptions())
	if err := out.Header("customer_id", "campaign", "sent", "arm", "cost"); err != nil {
		return err
	}
	err := r.EachDrawn(func(d Drawn) error {
		arm := "control"
		if d.Treated {
			arm = "treated"
		}
		out.Int(d.Customer)
		out.Text([]byte(d.Campaign))
		out.Day(d.Time.Day())
		out.Text([]byte(arm))
		out.Money(d.Cost)
		if err := out.EndRow(); err != nil {
			return err
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return out.Flush()
}
