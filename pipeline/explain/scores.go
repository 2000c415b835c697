package explain

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/pipeline/published"
)

// Score is a column of segments.parquet.
type Score struct {
	Column string   `json:"column"`
	Name   string   `json:"name"` // in plain words
	Number *float64 `json:"number,omitempty"`
	Text   string   `json:"text,omitempty"`
	Label  string   `json:"label,omitempty"` // of a group, in plain words
	// Of a number: the share of customers with a lower value (plus half of the customers
	// with an equal value), and the nearest values below and above, and the mean.
	Rank  *float64 `json:"rank,omitempty"`
	Below *float64 `json:"below,omitempty"`
	Above *float64 `json:"above,omitempty"`
	Mean  *float64 `json:"mean,omitempty"`
}

// readScores returns the columns of a customer, nil where the file has not got the customer.
func readScores(ctx context.Context, file []byte, id string, w *words.Words) ([]Score, error) {
	t, err := published.Read(ctx, file, nil)
	if err != nil {
		return nil, err
	}
	key := t.Column("customer")
	if key == nil {
		return nil, errors.New("segments.parquet: got no column customer")
	}
	row := slices.Index(key.Texts, id)
	if row < 0 {
		return nil, nil
	}
	var out []Score
	for i := range t.Columns {
		c := &t.Columns[i]
		s := Score{Column: c.Name, Name: w.Column(c.Name)}
		switch {
		case c == key || c.Numbers == nil && c.Texts[row] == "":
			continue
		case c.Numbers == nil:
			s.Text = c.Texts[row]
			if label := w.Group(c.Name, s.Text); label != s.Text {
				s.Label = label
			}
		case math.IsNaN(c.Numbers[row]):
			continue
		default:
			s.place(c.Numbers, c.Numbers[row])
		}
		out = append(out, s)
	}
	return out, nil
}

// place finds the place of a value among the values of all customers.
func (s *Score) place(all []float64, v float64) {
	s.Number = &v
	less, same, known, sum := 0, 0, 0, 0.0
	below, above := math.Inf(-1), math.Inf(1)
	for _, x := range all {
		switch {
		case math.IsNaN(x):
			continue
		case x < v:
			less++
			below = max(below, x)
		case x == v:
			same++
		default:
			above = min(above, x)
		}
		known++
		sum += x
	}
	s.Rank = new((float64(less) + float64(same)/2) / float64(known))
	s.Mean = new(sum / float64(known))
	if less > 0 {
		s.Below = &below
	}
	if !math.IsInf(above, 1) {
		s.Above = &above
	}
}

// readOffers returns the list of a customer.
func readOffers(ctx context.Context, file []byte, id string) ([]Offer, error) {
	t, err := published.Read(ctx, file, []string{"customer", "rank", "product", "description", "score", "reason"})
	if err != nil {
		return nil, err
	}
	out := []Offer{}
	for i, customer := range t.Column("customer").Texts {
		if customer == id {
			out = append(out, Offer{
				Rank: int64(t.Column("rank").Numbers[i]), Product: t.Column("product").Texts[i], Description: t.Column("description").Texts[i],
				Prob: t.Column("score").Numbers[i], Reason: t.Column("reason").Texts[i],
			})
		}
	}
	return out, nil
}
