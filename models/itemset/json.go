package itemset

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/quintile-dev/quintile/models/itemset/internal/kernel"
)

// MarshalText returns the name given by String; an unknown kind is refused.
func (k Kind) MarshalText() ([]byte, error) {
	if k < Frequent || k > Maximal {
		return nil, fmt.Errorf("itemset: kind: got %d, want 0 to %d", int(k), int(Maximal))
	}
	return []byte(k.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (k *Kind) UnmarshalText(text []byte) error {
	for kind := range Maximal + 1 {
		if kind.String() == string(text) {
			*k = kind
			return nil
		}
	}
	return fmt.Errorf("itemset: kind: got %q, want frequent, closed or maximal", text)
}

// MarshalJSON writes the sets in order, one object each:
//
//	{"kind":"frequent","baskets":5,"min_count":2,"sets":[{"items":[0],"count":4}, …]}
func (s *Sets) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 128+16*len(s.items)+32*len(s.counts))
	b = fmt.Appendf(b, `{"kind":%q,"baskets":%d,"min_count":%d`, s.kind, s.baskets, s.minCount)
	if s.complete >= 0 {
		b = fmt.Appendf(b, `,"complete_items":%d`, s.complete)
	}
	b = append(b, `,"sets":[`...)
	for i, set := range s.All() {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendItems(append(b, `{"items":`...), set.Items)
		b = append(b, `,"count":`...)
		b = strconv.AppendInt(b, int64(set.Count), 10)
		b = append(b, '}')
	}
	return append(b, "]}"...), nil
}

func appendItems(b []byte, items []uint32) []byte {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(item), 10)
	}
	return append(b, ']')
}

// UnmarshalJSON reads the output of MarshalJSON. Sets or items out of order,
// and counts impossible for the number of baskets, are refused.
func (s *Sets) UnmarshalJSON(data []byte) error {
	var file struct {
		Kind     *Kind `json:"kind"`
		Baskets  *uint32
		MinCount *uint32 `json:"min_count"`
		Complete *uint32 `json:"complete_items"`
		Sets     []struct {
			Items []uint32
			Count uint32
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return fmt.Errorf("itemset: reading sets: %w", err)
	}
	if file.Kind == nil || file.Baskets == nil || file.MinCount == nil || *file.MinCount < 1 {
		return fmt.Errorf(`itemset: reading sets: got no "kind", "baskets" or "min_count" of 1 or more, want all three`)
	}
	read := Sets{kind: *file.Kind, baskets: int(*file.Baskets), minCount: int(*file.MinCount), complete: -1, first: []int{0}, base: []int{0}}
	if file.Complete != nil {
		read.complete = int(*file.Complete)
	}
	var last []uint32
	for i, set := range file.Sets {
		if len(set.Items) < max(1, len(last)) || !ascend(set.Items) || len(set.Items) == len(last) && slices.Compare(last, set.Items) >= 0 {
			return fmt.Errorf("itemset: reading sets: set %d: got items %v after %v, want ascending items, and sets in order of length, then of items", i+1, set.Items, last)
		}
		if int(set.Count) < read.minCount || int(set.Count) > read.baskets {
			return fmt.Errorf("itemset: reading sets: set %d: got a count of %d, want %d to %d", i+1, set.Count, read.minCount, read.baskets)
		}
		for len(read.first) <= len(set.Items) {
			read.first, read.base = append(read.first, i), append(read.base, len(read.items))
		}
		read.items, read.counts = append(read.items, set.Items...), append(read.counts, set.Count)
		last = set.Items
	}
	read.first, read.base = append(read.first, len(read.counts)), append(read.base, len(read.items))
	*s = read
	return nil
}

// ascend reports whether each item is larger than the one before.
func ascend(items []uint32) bool {
	for i := 1; i < len(items); i++ {
		if items[i] <= items[i-1] {
			return false
		}
	}
	return true
}

// rule is the JSON form of a rule. Support, confidence and lift are for readers
// of the file: UnmarshalJSON computes all measures from the counts.
type rule struct {
	Antecedent      []uint32 `json:"antecedent"`
	Consequent      []uint32 `json:"consequent"`
	Count           uint32   `json:"count"`
	AntecedentCount uint32   `json:"antecedent_count"`
	ConsequentCount uint32   `json:"consequent_count"`
	Support         float64  `json:"support"`
	Confidence      float64  `json:"confidence"`
	Lift            float64  `json:"lift"`
	PValue          float64  `json:"p_value"`
	AdjustedP       float64  `json:"adjusted_p"`
	Improvement     float64  `json:"improvement"`
}

// ruleFile is Rules as JSON has them.
type ruleFile struct {
	Baskets *uint32 `json:"baskets"`
	Rules   []rule  `json:"rules"`
}

// MarshalJSON writes the rules in order, with their counts, p-values and
// improvements; measures follow from the counts; of these, the best known are
// written for the reader where finite.
func (r *Rules) MarshalJSON() ([]byte, error) {
	n := uint32(r.baskets)
	file := ruleFile{Baskets: &n, Rules: make([]rule, r.Len())}
	for i, v := range r.All() {
		file.Rules[i] = rule{
			Antecedent: v.Antecedent, Consequent: v.Consequent, Count: uint32(v.Both),
			AntecedentCount: uint32(v.WithAntecedent), ConsequentCount: uint32(v.WithConsequent),
			Support: v.Support, Confidence: v.Confidence, Lift: v.Lift,
			PValue: v.PValue, AdjustedP: v.AdjustedP, Improvement: v.Improvement,
		}
	}
	return json.Marshal(file)
}

// UnmarshalJSON reads the output of MarshalJSON. Sides that are empty,
// overlapping or out of order, and impossible counts and probabilities, are
// refused.
func (r *Rules) UnmarshalJSON(data []byte) error {
	var file ruleFile
	if err := json.Unmarshal(data, &file); err != nil {
		return fmt.Errorf("itemset: reading rules: %w", err)
	}
	if file.Baskets == nil {
		return fmt.Errorf(`itemset: reading rules: got no "baskets", want their number`)
	}
	n := len(file.Rules)
	read := Rules{baskets: int(*file.Baskets), p: make([]float64, 0, n), adjusted: make([]float64, 0, n)}
	rules := make([]entry, 0, n)
	for i, v := range file.Rules {
		if err := v.check(int64(*file.Baskets)); err != nil {
			return fmt.Errorf("itemset: reading rules: rule %d: %w", i+1, err)
		}
		rules = append(rules, entry{
			Table: kernel.Table{
				Both: v.Count, Antecedent: v.AntecedentCount, Consequent: v.ConsequentCount,
				Items: [2]uint16{uint16(len(v.Antecedent)), uint16(len(v.Consequent))},
			},
			left: len(read.items), right: len(read.items) + len(v.Antecedent), improvement: v.Improvement,
		})
		read.p, read.adjusted = append(read.p, v.PValue), append(read.adjusted, v.AdjustedP)
		read.items = append(append(read.items, v.Antecedent...), v.Consequent...)
	}
	read.pieces = inOnePiece(rules)
	*r = read
	return nil
}

// check returns the first thing wrong with a rule among n baskets.
func (v *rule) check(n int64) error {
	sides := slices.Concat(v.Antecedent, v.Consequent)
	slices.Sort(sides)
	if len(v.Antecedent) == 0 || len(v.Consequent) == 0 || len(sides) > math.MaxUint16 ||
		!ascend(v.Antecedent) || !ascend(v.Consequent) || !ascend(sides) {
		return fmt.Errorf("got %v and %v, want two lists of ascending items without one in common", v.Antecedent, v.Consequent)
	}
	both, x, y := int64(v.Count), int64(v.AntecedentCount), int64(v.ConsequentCount)
	if both < 1 || both > x || both > y || x+y-both > n {
		return fmt.Errorf("got the counts %d, %d and %d, want 1 ≤ count ≤ both others, in %d baskets", both, x, y, n)
	}
	if !(v.PValue >= 0 && v.PValue <= 1 && v.AdjustedP >= 0 && v.AdjustedP <= 1) {
		return fmt.Errorf("got the probabilities %g and %g, want numbers in [0,1]", v.PValue, v.AdjustedP)
	}
	if !(v.Improvement >= -1 && v.Improvement <= 1) {
		return fmt.Errorf("got an improvement of %g, want a number in [-1,1]", v.Improvement)
	}
	return nil
}
