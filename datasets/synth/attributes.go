package synth

import (
	"context"
	"io"
	"math"
	"strconv"

	"github.com/quintile-dev/quintile/datasets/csvio"
)

// traits are what attributes tell of a segment.
type traits struct {
	age       float64 // mean; the standard deviation is ageSpread
	women     float64 // share
	business  float64 // share of those who buy for a business
	household [3]float64
	quality   float64 // mean answer to the survey, of 1 to 10
}

// traitsOf are in the order of segments.
var traitsOf = [len(segments)]traits{
	{age: 45, women: 0.55, business: 0.03, household: [3]float64{0.3, 0.35, 0.35}, quality: 7.2},
	{age: 39, women: 0.5, business: 0.03, household: [3]float64{0.4, 0.35, 0.25}, quality: 6.6},
	{age: 54, women: 0.7, business: 0.05, household: [3]float64{0.2, 0.55, 0.25}, quality: 8.6},
	{age: 34, women: 0.6, business: 0.02, household: [3]float64{0.25, 0.2, 0.55}, quality: 6.1},
	{age: 47, women: 0.4, business: 0.85, household: [3]float64{0.3, 0.4, 0.3}, quality: 7.8},
	{age: 29, women: 0.5, business: 0.02, household: [3]float64{0.6, 0.3, 0.1}, quality: 5.4},
}

// householdNames are in the order of traits.household.
var householdNames = [3]string{"single", "couple", "family"}

// The shares of customers with a known attribute, and the spread of the attribute.
const (
	ageKnown, sexKnown, householdKnown = 0.94, 0.97, 0.85
	answerShare                        = 0.4 // who answered the survey
	targetShare                        = 0.8 // who has a sales target, of those who have not dropped out
	consentShare                       = 0.75
	ageSpread                          = 11.0
	answerSpread                       = 1.3
	dropOutAnswer                      = 1.5 // lower answers of those who have dropped out
	targetDays                         = 180
)

// Person is what files tell of a customer or of a prospect.
type Person struct {
	ID        string
	Age       int    // in years, in [18,90]; 0 for not known
	Sex       string // f, m, or "" for not known
	Household string // single, couple, family, or "" for not known
	Business  bool   // buys for a business
	Consent   bool   // has agreed to mailings

	// Quality is the answer of a customer to the question how content they are, from 1 to
	// 10; 0 for none. Customers who have dropped out gave lower answers.
	Quality int
	// Target is the money planned with the customer in the last 180 days of the history, in
	// whole units; 0 for none.
	Target int

	segment uint8
}

// Segment returns the latent segment, which no file tells.
func (p *Person) Segment() string { return segments[p.segment].name }

// draw fills in what customers and prospects have alike.
func (p *Person) draw(s *stream) {
	t := &traitsOf[p.segment]
	age := int(min(max(t.age+float64(ageSpread*s.normal()), 18), 90) + 0.5)
	if s.chance(ageKnown) {
		p.Age = age
	}
	sex := "m"
	if s.chance(t.women) {
		sex = "f"
	}
	if s.chance(sexKnown) {
		p.Sex = sex
	}
	household := newAlias(t.household[:]).draw(s)
	if s.chance(householdKnown) {
		p.Household = householdNames[household]
	}
	p.Business, p.Consent = s.chance(t.business), s.chance(consentShare)
}

// Person returns what the file of customers tells of customer i, in [0, Config.Customers).
func (r *Retailer) Person(i int) Person {
	of := &r.people[i]
	p := Person{ID: strconv.FormatInt(r.ids.id(i), 10), segment: of.segment}
	s := streamOf(r.config.Seed, forAttributes, uint64(i))
	p.draw(&s)
	answer := traitsOf[p.segment].quality + float64(answerSpread*s.normal())
	if of.dropped {
		answer -= dropOutAnswer
	}
	if s.chance(answerShare) {
		p.Quality = int(min(max(answer, 1), 10) + 0.5)
	}
	if planned := r.planned(of) * math.Exp(0.25*s.normal()); !of.dropped && s.chance(targetShare) {
		p.Target = max(1, int(planned+0.5))
	}
	return p
}

// planned returns the money to plan with a customer by the pace of the past.
func (r *Retailer) planned(p *person) float64 {
	const linePrice = 9.0 // about what a piece costs
	of := &segments[p.segment]
	perDay := float64(p.lines) / float64(max(targetDays, int(p.last)-int(p.first)+1))
	return perDay * min(targetDays, float64(r.config.Days)) * linePrice * of.quantity * float64(of.pack)
}

// Prospect returns prospect i, in [0, Config.Prospects): somebody who has not bought, drawn
// like a customer.
func (r *Retailer) Prospect(i int) Person {
	s := streamOf(r.config.Seed, forProspects, uint64(i))
	p := Person{ID: "L" + strconv.Itoa(100_000+i), segment: uint8(r.shares.draw(&s))}
	p.draw(&s)
	return p
}

// personColumns are those of the files of people; prospects have the first six.
var personColumns = []string{"id", "age", "sex", "household", "business", "consent", "quality", "sales_target"}

const prospectColumns = 6

// WriteCustomers writes a row for each customer, as CSV: id, age, sex, household, business
// and consent (yes or no), quality (the answer to a survey, 1 to 10) and sales_target (money
// planned for the last 180 days). An unknown value is an empty cell.
//
// Errors: those of w, or ctx.Err() where cancelled.
func (r *Retailer) WriteCustomers(ctx context.Context, w io.Writer) error {
	return writePeople(ctx, w, personColumns, r.config.Customers, r.Person)
}

// WriteProspects writes a row for each prospect, as CSV, with the first six columns of
// WriteCustomers.
//
// Errors: those of w, or ctx.Err() where cancelled.
func (r *Retailer) WriteProspects(ctx context.Context, w io.Writer) error {
	return writePeople(ctx, w, personColumns[:prospectColumns], r.config.Prospects, r.Prospect)
}

func writePeople(ctx context.Context, w io.Writer, columns []string, n int, person func(int) Person) error {
	out := csvio.NewWriter(w, csvio.DefaultWriterOptions())
	if err := out.Header(columns...); err != nil {
		return err
	}
	number := func(v int) {
		if v == 0 {
			out.Null()
			return
		}
		out.Int(int64(v))
	}
	text := func(v string) {
		if v == "" {
			out.Null()
			return
		}
		out.Text([]byte(v))
	}
	for i := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		p := person(i)
		text(p.ID)
		number(p.Age)
		text(p.Sex)
		text(p.Household)
		text(yesNo(p.Business))
		text(yesNo(p.Consent))
		if len(columns) > prospectColumns {
			number(p.Quality)
			number(p.Target)
		}
		if err := out.EndRow(); err != nil {
			return err
		}
	}
	return out.Flush()
}

func yesNo(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}
