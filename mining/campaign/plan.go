package campaign

import (
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/filter"
	"github.com/quintile-dev/quintile/mining/setting"
)

// Plan describes the customers for the next campaign. The zero value plans
// nothing.
type Plan struct {
	Name      string        `yaml:"name" doc:"Name of the campaign. A list is drawn once under a name; later runs keep the list and measure what it brought. Without a name nothing is drawn." json:",omitempty"`
	From      filter.Filter `yaml:"from" doc:"Who may be drawn: a condition on columns of segments.parquet, features and attributes, such as churn_prob >= 0.5 and rfm_segment in [at_risk, cant_lose]. Default: everybody who has bought."`
	Consent   filter.Filter `yaml:"consent" doc:"Who has agreed to be contacted, such as consent = yes. Nobody else is drawn, into neither arm. Default: not asked for."`
	Size      int           `yaml:"size" min:"0" doc:"Most customers on the list, those held out included. 0: any number." json:",omitempty"`
	Budget    float64       `yaml:"budget" min:"0" doc:"What all contacts may cost together; needs cost_per_contact. 0: any amount." json:",omitempty"`
	Cost      float64       `yaml:"cost_per_contact" min:"0" doc:"What a contact costs." json:",omitempty"`
	Holdout   setting.Share `yaml:"holdout" doc:"Share of the list that is held out, by a hash of the campaign and the customer. Without a hold-out nothing can be said of what the campaign brought."`
	Objective string        `yaml:"objective" enum:"orders,money" doc:"What the campaign is to raise: the number of customers who order, or money. It decides how the list is filled, and what effect it can show."`
	By        string        `yaml:"by" doc:"Column of numbers by which the list is filled, highest first. Default: predicted uplift (times the mean order value, margin and less cost_per_contact for money), where a past campaign shows one, leaving out customers who are not expected to gain; else chance." json:",omitempty"`
	InDays    int           `yaml:"in_days" min:"1" max:"365" doc:"Days from the scoring date to the contact."`
	NotWithin int           `yaml:"not_within_days" min:"0" max:"3650" doc:"Leaves out customers drawn into a campaign, contacted or held out, within so many days before the contact. 0: nobody." json:",omitempty"`
}

// The objectives of a plan.
const (
	forOrders = "orders"
	forMoney  = "money"
)

// DefaultPlan returns a plan without a name.
func DefaultPlan() Plan { return Plan{Holdout: 0.1, Objective: forOrders, InDays: 1} }

// check returns the faults of a plan.
func (p *Plan) check() (faults []mining.Fault) {
	fault := func(field, format string, args ...any) {
		faults = append(faults, mining.Faultf("plan."+field, format, args...))
	}
	if p.Name == "" {
		if !p.From.Empty() || p.Size > 0 || p.Budget > 0 {
			fault("name", "got none, want a name for the campaign, under which its list is kept")
		}
		return faults
	}
	if p.Budget > 0 && p.Cost == 0 {
		fault("cost_per_contact", "got none, want what a contact costs: a budget needs it")
	}
	if p.Holdout >= 1 {
		fault("holdout", "got 100 %%, want less, such as 10%%")
	}
	return faults
}

// uses returns the columns read by the plan.
func (p *Plan) uses() (all []mining.ColumnUse) {
	if p.Name == "" {
		return nil
	}
	add := func(field string, uses ...filter.Use) {
		for _, u := range uses {
			all = append(all, mining.ColumnUse{Field: "plan." + field, Use: u})
		}
	}
	add("from", p.From.Uses()...)
	add("consent", p.Consent.Uses()...)
	if p.By != "" {
		add("by", filter.Use{Column: p.By, Kind: filter.Number})
	}
	return all
}
