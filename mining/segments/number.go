package segments

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/models/cluster"
)

// sameGroup is the share of common customers, among the customers in either of two groups,
// needed to count as the same group.
const sameGroup = 0.5

// number gives the groups of m their numbers and names. earlier are the groups of the
// customers by the run before. The groups of both are paired so that the most customers
// keep their group; a pair with half of the customers in common is one group, with the
// same number and name. A name is replaced where a word has turned into its opposite. Any
// other group is new, and gets a number never used before.
func (f *Findings) number(m, before *Model, earlier []int32, w *words.Words) error {
	labels, err := m.KMeans.Predict(f.Scaled)
	if err != nil {
		return err
	}
	k := m.KMeans.K()
	from := make([]int, k) // the group of the run before that each goes on from
	for j := range from {
		from[j] = -1
	}
	last := int32(0)
	if earlier != nil {
		last = before.last()
		if from, err = kept(earlier, labels, before.KMeans.K(), k); err != nil {
			return err
		}
	}
	numbers := make([]int32, k)
	for j, i := range from {
		if i >= 0 {
			numbers[j] = before.number(int32(i))
			f.Kept++
			continue
		}
		last++
		numbers[j] = last
	}
	order := make([]int, k) // by number
	for j := range order {
		order[j] = j
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(numbers[a], numbers[b]) })
	centres, sorted := make([][]float64, k), m.KMeans.Centres()
	names := make([]string, k)
	m.Numbers, m.Last = make([]int32, k), last
	for at, j := range order {
		centres[at], m.Numbers[at] = sorted[j], numbers[j]
		if from[j] >= 0 {
			names[at] = before.Names[from[j]]
		}
	}
	if m.KMeans, err = cluster.NewKMeans(m.KMeans.Names(), centres); err != nil {
		return err
	}
	m.Names = lasting(names, centres, spreads(f.Scaled), m.Scaler.Names(), w)
	f.Model = m
	f.Labels, err = m.KMeans.Predict(f.Scaled)
	return err
}

// kept returns, for each of the kb groups of now, the group of then that it continues, −1 for a new group.
func kept(then, now []int32, ka, kb int) ([]int, error) {
	from, err := cluster.Match(then, now, ka, kb)
	if err != nil {
		return nil, err
	}
	common, inThen, inNow := make([]int, kb), make([]int, ka), make([]int, kb)
	for i, j := range now {
		inThen[then[i]]++
		inNow[j]++
		if from[j] == int(then[i]) {
			common[j]++
		}
	}
	for j, i := range from {
		if i >= 0 && float64(common[j]) < sameGroup*float64(inThen[i]+inNow[j]-common[j]) {
			from[j] = -1
		}
	}
	return from, nil
}

// lasting returns names for groups, all different, where some groups have a name already. A name that is no longer
// true is replaced.
func lasting(given []string, centres [][]float64, all []spread, features []string, w *words.Words) []string {
	fresh := names(centres, all, features, w)
	out := slices.Clone(given)
	taken := map[string]bool{}
	for g, name := range given {
		if name != "" && untrue(name, marksOf(centres[g], all, features, w), features, w) {
			out[g] = ""
		}
		taken[out[g]] = true
	}
	for g := range out {
		if out[g] != "" {
			continue
		}
		name := fresh[g]
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s (%d)", fresh[g], n)
		}
		out[g], taken[name] = name, true
	}
	return out
}

// untrue reports whether a word of a name has become the opposite of the group's mark.
func untrue(name string, marks, features []string, w *words.Words) bool {
	very := w.Say("very %s", "")
	plain := func(word string) string {
		word, _, _ = strings.Cut(word, " (")
		return strings.TrimPrefix(word, very)
	}
	for word := range strings.SplitSeq(name, ", ") {
		for _, feature := range features {
			pair := [2]string{w.Adjective(feature, false), w.Adjective(feature, true)}
			opposite := ""
			switch plain(word) {
			case pair[0]:
				opposite = pair[1]
			case pair[1]:
				opposite = pair[0]
			default:
				continue
			}
			if slices.ContainsFunc(marks, func(mark string) bool { return plain(mark) == opposite }) {
				return true
			}
		}
	}
	return false
}
