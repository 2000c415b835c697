package features

import (
	"fmt"
	"slices"
)

// SegmentRule names a block of cells: all whose scores lie in the ranges, both
// ends included. A range of two zeros takes every score.
type SegmentRule struct {
	Name string   `json:"name"`
	R    [2]uint8 `json:"r"`
	F    [2]uint8 `json:"f"`
	M    [2]uint8 `json:"m,omitzero"`
}

func (r SegmentRule) holds(scores [3]uint8) bool {
	for i, span := range [3][2]uint8{r.R, r.F, r.M} {
		if span != [2]uint8{} && (scores[i] < span[0] || scores[i] > span[1]) {
			return false
		}
	}
	return true
}

// SegmentMap names every cell of scores: each cell has exactly one rule, so
// that the order of the rules does not matter. Several rules may have the same
// name.
type SegmentMap struct {
	Version string        `json:"version"` // published with the segments
	Bins    int           `json:"bins"`    // for which the rules are written, in [2,9]
	Rules   []SegmentRule `json:"rules"`
}

// QuintileRF returns the default map, "quintile-rf-v1": the ten segments in
// general use over the quintiles of recency and frequency. Money plays no part.
func QuintileRF() SegmentMap {
	return SegmentMap{Version: "quintile-rf-v1", Bins: 5, Rules: []SegmentRule{
		{Name: "hibernating", R: [2]uint8{1, 2}, F: [2]uint8{1, 2}},
		{Name: "at_risk", R: [2]uint8{1, 2}, F: [2]uint8{3, 4}},
		{Name: "cant_lose", R: [2]uint8{1, 2}, F: [2]uint8{5, 5}},
		{Name: "about_to_sleep", R: [2]uint8{3, 3}, F: [2]uint8{1, 2}},
		{Name: "need_attention", R: [2]uint8{3, 3}, F: [2]uint8{3, 3}},
		{Name: "loyal", R: [2]uint8{3, 4}, F: [2]uint8{4, 5}},
		{Name: "promising", R: [2]uint8{4, 4}, F: [2]uint8{1, 1}},
		{Name: "new", R: [2]uint8{5, 5}, F: [2]uint8{1, 1}},
		{Name: "potential_loyalist", R: [2]uint8{4, 5}, F: [2]uint8{2, 3}},
		{Name: "champions", R: [2]uint8{5, 5}, F: [2]uint8{4, 5}},
	}}
}

// NeedsMoney reports whether a rule asks for a monetary score.
func (m SegmentMap) NeedsMoney() bool {
	return slices.ContainsFunc(m.Rules, func(r SegmentRule) bool { return r.M != [2]uint8{} })
}

// Names returns the segments in the order of the rules, each once.
func (m SegmentMap) Names() []string {
	var out []string
	for _, r := range m.Rules {
		if !slices.Contains(out, r.Name) {
			out = append(out, r.Name)
		}
	}
	return out
}

// Name returns the segment of a cell of scores from 1 to bins, or "" where a
// score is 0. The map must be valid.
//
// Where bins differs from the map's own, a score s counts as the score of the
// map at the middle of the bin of s: ⌊own·(2s − 1) / (2·bins)⌋ + 1.
func (m SegmentMap) Name(r, f, s uint8, bins int) string {
	if r == 0 || f == 0 || s == 0 {
		return ""
	}
	scores := [3]uint8{m.own(r, bins), m.own(f, bins), m.own(s, bins)}
	for _, rule := range m.Rules {
		if rule.holds(scores) {
			return rule.Name
		}
	}
	panic(fmt.Sprintf("features: BUG: segment map %q has no rule for cell %v", m.Version, scores))
}

func (m SegmentMap) own(score uint8, bins int) uint8 {
	return uint8(m.Bins*(2*int(score)-1)/(2*bins) + 1)
}

// table returns the index of the segment among Names of every cell, R the
// slowest.
func (m SegmentMap) table(bins int) []uint8 {
	names := m.Names()
	out := make([]uint8, 0, bins*bins*bins)
	for r := 1; r <= bins; r++ {
		for f := 1; f <= bins; f++ {
			for s := 1; s <= bins; s++ {
				name := m.Name(uint8(r), uint8(f), uint8(s), bins)
				out = append(out, uint8(slices.Index(names, name)))
			}
		}
	}
	return out
}

// Validate returns every fault: a cell without a rule, a cell with two rules, a
// range outside the scores. A map is total, so that no customer is "other".
func (m SegmentMap) Validate() error {
	var f faults
	if m.Version == "" {
		f.add("segments.version", m.Version, "a name for this map, to be published with the segments")
	}
	if m.Bins < 2 || m.Bins > 9 {
		f.add("segments.bins", m.Bins, "an integer from 2 to 9")
		return f.join()
	}
	if len(m.Names()) >= int(NoSegment) {
		f.add("segments.rules", len(m.Rules), fmt.Sprintf("fewer than %d names", NoSegment))
	}
	for i, r := range m.Rules {
		if r.Name == "" {
			f.add(fmt.Sprintf("segments.rules[%d].name", i), r.Name, "a name")
		}
		for j, span := range [3][2]uint8{r.R, r.F, r.M} {
			if span != [2]uint8{} && (span[0] < 1 || span[0] > span[1] || int(span[1]) > m.Bins) {
				f.add(fmt.Sprintf("segments.rules[%d].%c", i, "rfm"[j]), span, fmt.Sprintf("two scores from 1 to %d, the lower first", m.Bins))
			}
		}
	}
	m.checkCells(&f)
	return f.join()
}

// maxCellFaults bounds the faulty cells that are listed in turn.
const maxCellFaults = 10

func (m SegmentMap) checkCells(f *faults) {
	listed := 0
	k := m.Bins
	for cell := range k * k * k {
		scores := [3]uint8{uint8(cell/k/k) + 1, uint8(cell/k%k) + 1, uint8(cell%k) + 1}
		var names []string
		for _, r := range m.Rules {
			if r.holds(scores) {
				names = append(names, r.Name)
			}
		}
		if len(names) == 1 {
			continue
		}
		if listed++; listed <= maxCellFaults {
			f.add("segments.rules", fmt.Sprintf("%d rules for cell %d%d%d %q", len(names), scores[0], scores[1], scores[2], names), "one rule for each cell")
		}
	}
	if listed > maxCellFaults {
		f.add("segments.rules", fmt.Sprintf("%d more such cells", listed-maxCellFaults), "one rule for each cell")
	}
}

// Composite returns the scores as one number of three digits, 100R + 10F + M.
func Composite(r, f, m uint8) int { return 100*int(r) + 10*int(f) + int(m) }

// shopify maps the segments of QuintileRF to the groups of Shopify.
var shopify = map[string]string{
	"hibernating":        "DORMANT",
	"at_risk":            "AT_RISK",
	"cant_lose":          "PREVIOUSLY_LOYAL",
	"about_to_sleep":     "ALMOST_LOST",
	"need_attention":     "NEEDS_ATTENTION",
	"loyal":              "LOYAL",
	"promising":          "PROMISING",
	"new":                "NEW",
	"potential_loyalist": "ACTIVE",
	"champions":          "CHAMPIONS",
	"":                   "PROSPECTS", // no purchase, hence no score
}

// Shopify returns the group of Shopify's CustomerRfmGroup [1] for a segment of
// QuintileRF, or "" for another segment. The segment "", of a customer without
// a purchase, is PROSPECTS.
//
// [1] https://shopify.dev/docs/api/admin-graphql/latest/enums/CustomerRfmGroup
func Shopify(segment string) string { return shopify[segment] }
