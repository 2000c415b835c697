package lifecycle

import (
	"context"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/words"
)

// The factors of the rules.
const (
	ownGaps  = 3   // as many times a customer's own median gap may pass
	longer   = 2   // as many times that, and the relationship has ended
	young    = 90  // days for which a customer is new
	lessThan = 0.8 // of the money before is a decline
	moreThan = 1.2 // of the money before is growth
	ownFrom  = 3   // purchase days from which a customer has a rhythm
)

// Model holds the usual gaps of all customers, in days.
type Model struct {
	Map    string  `json:"map"`
	Second float64 `json:"second"` // how long a second purchase is waited for: G50, or G95 where it is not known
	G80    float64 `json:"g80"`
	G95    float64 `json:"g95"`
}

// Validate returns an error where the model, as from a file, cannot be used.
func (m *Model) Validate() error {
	if m.Map != mapV1 {
		return fmt.Errorf("lifecycle: got the map %q, want %s", m.Map, mapV1)
	}
	for _, v := range []float64{m.Second, m.G80, m.G95} {
		if !(v > 0) || math.IsInf(v, 0) {
			return fmt.Errorf("lifecycle: got a gap of %v days, want a finite number above 0", v)
		}
	}
	if m.G80 > m.G95 {
		return fmt.Errorf("lifecycle: got g80 %v above g95 %v", m.G80, m.G95)
	}
	return nil
}

// Derived names the columns added by the scan.
func (m *Model) Derived() []string { return derived }

// NewDerive returns the function to set the columns of one customer.
func (m *Model) NewDerive() mining.Derive { return deriver{}.NewDerive() }

// Reads returns the same columns.
func (m *Model) Reads() []string { return derived }

// patience returns how many days without a purchase are usual for a customer, and how many
// end the relationship.
func (m *Model) patience(c standing) (usual, end float64) {
	usual = m.Second
	if c.days >= ownFrom {
		usual = min(max(ownGaps*c.gap, m.G80/2), m.G95)
	}
	return usual, max(longer*usual, m.G95)
}

// rule is the rule that decides the stage of a customer.
type rule int

const (
	silent rule = iota // no purchase for longer than ends a relationship
	late               // no purchase for longer than is usual
	once               // one purchase day
	recent             // a customer for less than 90 days
	fallen             // less money than before
	risen              // more money than before
	steady
)

// stages are the stages reached by the rules.
var stages = [...]int32{silent: termination, late: decline, once: signing, recent: signing, fallen: decline, risen: growth, steady: maturity}

// decide returns the first rule that holds. Amounts are compared as whole numbers.
func (m *Model) decide(c standing) rule {
	usual, end := m.patience(c)
	switch {
	case c.open > end:
		return silent
	case c.open > usual:
		return late
	case c.days == 1:
		return once
	case c.age < young:
		return recent
	case c.before > 0 && 5*c.money < 4*c.before:
		return fallen
	case 5*c.money > 6*c.before:
		return risen
	}
	return steady
}

// reason puts the rule that decided into words, with the numbers of the customer.
func (m *Model) reason(c standing, by rule, w *words.Words) string {
	usual, end := m.patience(c)
	amount := func(v float64) string { return page.Amount(v / float64(datasets.Unit)) }
	switch by {
	case silent:
		return w.Say("no purchase for %.0f days, more than the %s that end a relationship", c.open, page.Short(end))
	case late:
		return w.Say("no purchase for %.0f days, more than the usual %s", c.open, page.Short(usual))
	case once:
		return w.Say("one purchase day, %.0f days ago", c.open)
	case recent:
		return w.Say("a customer for %.0f days, with %.0f purchase days", c.age, c.days)
	case fallen:
		return w.Say("money of %d days fell from %s to %s", windowDays, amount(c.before), amount(c.money))
	case risen:
		return w.Say("money of %d days rose from %s to %s", windowDays, amount(c.before), amount(c.money))
	}
	return w.Say("buys every %s days (median), and money of %d days is steady: %s after %s", page.Short(c.gap), windowDays, amount(c.money), amount(c.before))
}

// ScoreTo sets the stage of each customer, and the reason.
func (m *Model) ScoreTo(_ context.Context, dst *mining.Scores, b *mining.Batch, _ int) error {
	columns := make([][]float64, len(derived))
	for k, name := range derived {
		columns[k] = b.Column(name)
	}
	labels, reasons := make([]int32, b.Rows), make([]string, b.Rows)
	for i := range labels {
		c := standingOf(columns, i)
		if math.IsNaN(c.days) {
			labels[i] = -1
			continue
		}
		by := m.decide(c)
		labels[i], reasons[i] = stages[by], m.reason(c, by, b.Words())
	}
	dst.SetNames(stageColumn, labels, names)
	dst.SetTexts(reasonColumn, reasons)
	return nil
}

// rules puts the stages into words.
func (m *Model) rules() []mining.Rule {
	usual := fmt.Sprintf("the usual gap (%d times the customer's own median gap, from %s to %s days; %s days below %d purchase days)",
		ownGaps, page.Short(m.G80/2), page.Short(m.G95), page.Short(m.Second), ownFrom)
	texts := []string{
		signing:     fmt.Sprintf("one purchase day, or a customer for less than %d days; not silent for longer than usual", young),
		growth:      fmt.Sprintf("money of the last %d days above %v times that of the %d days before; not silent for longer than usual", windowDays, moreThan, windowDays),
		maturity:    fmt.Sprintf("money of the last %d days between %v and %v times that of the %d days before", windowDays, lessThan, moreThan, windowDays),
		decline:     fmt.Sprintf("no purchase for longer than %s, or money of the last %d days below %v times that of the %d days before", usual, windowDays, lessThan, windowDays),
		termination: fmt.Sprintf("no purchase for longer than twice the usual gap, and longer than %s days", page.Short(m.G95)),
	}
	rules := make([]mining.Rule, len(texts))
	for i, text := range texts {
		rules[i] = mining.Rule{Text: text, Confidence: 1}
	}
	return rules
}
