package campaign

import (
	"context"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/experiment"
)

// level is the level of all intervals.
const level = 0.95

// campaign is the result of one campaign.
type campaign struct {
	name             string
	treated, control experiment.Count
	money            [2]experiment.Arm // of the treated, of the controls
	cost             float64
	answered         bool // the files have a response of somebody
	unanswered       int
	values           map[string]float64 // by the names of numbers
	newest           datasets.Moment    // of its contacts
	uplift           *learnt
}

func (c *campaign) state() mining.State {
	if c.control.Of+c.treated.Of == 0 {
		return NotBegun
	}
	if c.control.Of == 0 || c.treated.Of == 0 {
		return NoControl
	}
	return mining.OK
}

// Fit compares the arms.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	if t.drawn.Len() == 0 && t.set.Next.Name == "" {
		return &mining.Result{State: mining.Insufficient}, nil
	}
	all := make([]campaign, t.names())
	for k := range all {
		all[k].name = t.drawn.Name(uint32(k))
	}
	for i := range t.drawn.Len() {
		x := t.drawn.At(i)
		c := &all[x.Campaign]
		c.answered = c.answered || x.Response != datasets.NoAnswer
	}
	open, disputed := 0, 0
	for i := range t.drawn.Len() {
		if i%(1<<14) == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		x := t.drawn.At(i)
		if x.Time.Day() > in.AsOf {
			continue
		}
		if x.Arm == datasets.Disputed {
			disputed++
			continue
		}
		if x.Time+datasets.Moment(t.set.ResponseDays)*datasets.FullDay > datasets.Moment(in.AsOf+1)*datasets.FullDay {
			open++
		}
		t.count(&all[x.Campaign], i, x)
	}
	for k := range all {
		var err error
		if all[k].uplift, err = t.learn(ctx, in, k, &all[k]); err != nil {
			return nil, fmt.Errorf("campaign %d: %w", k+1, err)
		}
	}
	var warnings []models.Warning
	warn := func(code string, n int, text string) {
		if n > 0 {
			warnings = append(warnings, models.Warning{Code: code, Count: n, Message: fmt.Sprintf(text, n)})
		}
	}
	uncontrolled, unlike, unanswered, unbalanced := 0, 0, 0, 0
	for k := range all {
		if err := t.compare(&all[k]); err != nil {
			return nil, err
		}
		if all[k].state() == NoControl {
			uncontrolled++
		}
		if all[k].values["sample_ratio_p"] < experiment.BelievableRatio {
			unlike++
		}
		if all[k].uplift.state == Unbalanced {
			unbalanced++
		}
		if t.set.Outcome == "response" && all[k].answered {
			unanswered += all[k].unanswered
		}
	}
	warn("no_control", uncontrolled, "%d campaigns have no control group: there is a description, and no effect")
	warn("sample_ratio", unlike, "%d campaigns have arms of other sizes than control_share says; no effect is to be believed")
	warn("window_open", open, "%d customers were contacted less than response_days before the scoring date; their responses are not complete")
	warn("disputed_arm", disputed, "rows of %d customers name both arms of a campaign; they count in none")
	warn("response_missing", unanswered, "%d customers have no response, and count as having none")
	warn("unbalanced_arms", unbalanced, "%d campaigns have arms of unlike sizes, of which class_logistic learns no uplift")
	if !t.priced {
		warn("no_money", len(all), "no column holds money, so that responses alone are compared, of %d campaigns; map unit_price or amount under columns")
	}
	state := mining.OK
	switch {
	case len(all) == 0:
		state = mining.Insufficient // of campaigns; a list may be drawn all the same
	case uncontrolled == len(all):
		state = NoControl
	}
	score := t.scorer(all)
	result := &mining.Result{State: state, Warnings: warnings, Tables: []mining.Table{tableOf(all), upliftTable(all)}, Figures: t.figures(all), Section: t.section(in, all)}
	if err := t.plan(ctx, in, result, &score); err != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	result.Scorer = score
	return result, nil
}

// count adds a contact to its arm. A campaign without arms has treated alone.
func (t *task) count(c *campaign, i int, x datasets.Contact) {
	arm, money := &c.treated, &c.money[0]
	if x.Arm == datasets.Control {
		arm, money = &c.control, &c.money[1]
	}
	arm.Of++
	c.newest = max(c.newest, x.Time)
	if c.answered && x.Response == datasets.NoAnswer {
		c.unanswered++
	}
	if t.responded(c, i, x) {
		arm.Hits++
	}
	money.Add(t.money[i].Float(), t.before[i].Float())
	c.cost += x.Cost.Float()
}

// responded reports whether a contact was followed by a response: by the responses in
// the files where these are the outcome and known, else by an order.
func (t *task) responded(c *campaign, i int, x datasets.Contact) bool {
	if t.set.Outcome == "response" && c.answered {
		return x.Response == datasets.Responded
	}
	return t.ordered[i]
}

// compare sets the figures of a campaign.
func (t *task) compare(c *campaign) error {
	v := map[string]float64{"cost": c.cost, "sample_ratio_p": math.NaN()}
	u := c.uplift
	v["qini"], v["qini_low"], v["qini_high"] = u.qini, u.interval.QiniLow, u.interval.QiniHigh
	v["auuc"], v["auuc_low"], v["auuc_high"] = u.auuc, u.interval.AUUCLow, u.interval.AUUCHigh
	c.values = v
	var fault error
	interval := func(name, low, high string, i experiment.Interval, err error) {
		v[name], v[low], v[high] = i.Estimate, i.Low, i.High
		if fault == nil {
			fault = err
		}
	}
	i, err := experiment.Wilson(c.treated, level)
	interval("treated_rate", "treated_rate_low", "treated_rate_high", i, err)
	i, err = experiment.Wilson(c.control, level)
	interval("control_rate", "control_rate_low", "control_rate_high", i, err)
	i, err = experiment.Newcombe(c.treated, c.control, level)
	interval("rate_effect", "rate_low", "rate_high", i, err)
	v["treated_money"], v["control_money"] = c.money[0].Mean(), c.money[1].Mean()
	d, err := experiment.Welch(c.money[0], c.money[1], level)
	interval("money_effect", "money_low", "money_high", d.Interval, err)
	adjusted, err := experiment.CUPED(c.money[0], c.money[1], level)
	interval("money_adjusted", "money_adjusted_low", "money_adjusted_high", adjusted.Interval, err)
	v["variance_share"] = adjusted.VarianceShare
	if !t.priced {
		for _, name := range ofMoney {
			v[name] = math.NaN()
		}
	}
	for _, end := range [][2]string{{"money_effect", "profit"}, {"money_low", "profit_low"}, {"money_high", "profit_high"}} {
		v[end[1]] = float64(v[end[0]]*float64(c.treated.Of)*float64(t.set.Margin)) - c.cost
	}
	if t.set.ControlShare > 0 && fault == nil && c.state() != NotBegun {
		share := float64(t.set.ControlShare)
		_, v["sample_ratio_p"], fault = experiment.SampleRatio([]int{c.treated.Of, c.control.Of}, []float64{1 - share, share})
	}
	kind := "rate"
	if t.set.Outcome == "money" {
		kind = "money"
	}
	v["effect"], v["low"], v["high"] = v[kind+"_effect"], v[kind+"_low"], v[kind+"_high"]
	v["smallest_effect"] = math.NaN()
	if fault != nil || c.state() != mining.OK || kind == "money" && !t.priced {
		return fault
	}
	design := experiment.DefaultDesign()
	if kind == "rate" {
		v["smallest_effect"], fault = design.SmallestEffect(c.control.Rate(), c.treated.Of, c.control.Of)
	} else if variance := c.money[1].Variance(); variance == variance {
		v["smallest_effect"], fault = design.SmallestMeanEffect(variance, c.treated.Of, c.control.Of)
	}
	return fault
}

// ofMoney are the figures that there are only with money.
var ofMoney = []string{
	"treated_money", "control_money", "money_effect", "money_low", "money_high", "money_adjusted", "money_adjusted_low", "money_adjusted_high",
	"variance_share",
}
