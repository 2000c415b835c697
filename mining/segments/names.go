package segments

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/mining/words"
)

// noticeable is the distance of a group's centre from the mean of all, in
// standard deviations, from which a feature is worth a word.
const noticeable = 0.25

// strong is the distance from which the word is "very".
const strong = 1

// names gives each group a name made of the strongest differences from all
// customers, such as "recent, very frequent". Groups that would share a name
// get a further word, or a number where no word is left.
func names(centres [][]float64, all []spread, features []string, w *words.Words) []string {
	marks := make([][]string, len(centres))
	for g, centre := range centres {
		marks[g] = marksOf(centre, all, features, w)
	}
	out := make([]string, len(centres))
	for g := range out {
		n := min(2, len(marks[g]))
		for n < len(marks[g]) && shared(marks, g, n) {
			n++
		}
		out[g] = strings.Join(marks[g][:n], ", ")
	}
	seen := map[string]int{}
	for g, name := range out {
		if seen[name]++; seen[name] > 1 {
			out[g] = fmt.Sprintf("%s (%d)", name, seen[name])
		}
	}
	return out
}

// marksOf lists the words for a group, the strongest first.
func marksOf(centre []float64, all []spread, features []string, w *words.Words) []string {
	order := make([]int, len(features))
	for j := range order {
		order[j] = j
	}
	distance := func(j int) float64 {
		if all[j].deviation == 0 {
			return 0
		}
		return (centre[j] - all[j].mean) / all[j].deviation
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(math.Abs(distance(b)), math.Abs(distance(a)))
	})
	var marks []string
	for _, j := range order {
		if math.Abs(distance(j)) < noticeable {
			continue
		}
		word := w.Adjective(features[j], distance(j) > 0)
		if math.Abs(distance(j)) >= strong {
			word = w.Say("very %s", word)
		}
		if !slices.Contains(marks, word) {
			marks = append(marks, word)
		}
	}
	if len(marks) == 0 {
		return []string{w.Text("average")}
	}
	return marks
}

// shared reports whether another group has the same first n words, in whatever
// order.
func shared(marks [][]string, g, n int) bool {
	mine := slices.Sorted(slices.Values(marks[g][:n]))
	for o := range marks {
		if o != g && slices.Equal(slices.Sorted(slices.Values(marks[o][:min(n, len(marks[o]))])), mine) {
			return true
		}
	}
	return false
}
