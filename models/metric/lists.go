package metric

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// ListScores measures how well lists of k recommendations met the later
// choices. For a single list, each score is the score of that list; a mean over
// lists covers only lists with a non-empty truth.
type ListScores struct {
	Lists     int     // with a non-empty truth
	HitRate   float64 // share of lists with at least one hit, in [0,1]
	Precision float64 // hits / k, in [0,1]
	Recall    float64 // hits / size of the truth, in [0,1]
	NDCG      float64 // discounted gain over that of the best list, in [0,1]
	MAP       float64 // mean of the precision at each hit, over min(k, size of the truth), in [0,1]
}

// ScoreLists compares the first k entries of each list, the best first, with
// what was chosen:
//
//	HR@k = share of lists with a hit,  P@k = hits/k,  R@k = hits/|truth|
//	NDCG@k = Σⱼ hitⱼ/log₂(j+1) / Σ_{j ≤ min(k,|truth|)} 1/log₂(j+1)
//	MAP@k = Σⱼ hitⱼ·P@j / min(k,|truth|)
//
// Each score is the mean over the lists with a non-empty truth; an empty truth
// is left out, because no list could meet it. An item of a truth that no list
// could offer counts as missed.
//
// Shape: one list and one truth per customer, in the same order; a list may be
// shorter than k. The entries of a list are distinct, and so are the entries of
// a truth. Nothing is modified.
//
// Missing: NaN without a list that has a truth.
//
// Errors: *models.ShapeError; *models.ConfigError for k below 1.
//
// Cost: O(k) time per list and O(|truth|) memory.
func ScoreLists[T comparable](lists, truths [][]T, k int) (ListScores, error) {
	if len(truths) != len(lists) {
		return ListScores{}, &models.ShapeError{What: "truths", Got: len(truths), Want: len(lists)}
	}
	if k < 1 {
		return ListScores{}, &models.ConfigError{Field: "k", Got: k, Want: "an integer ≥ 1"}
	}
	var sum ListScores
	chosen := map[T]bool{}
	for i, list := range lists {
		if len(truths[i]) == 0 {
			continue
		}
		clear(chosen)
		for _, item := range truths[i] {
			chosen[item] = true
		}
		addList(&sum, list[:min(k, len(list))], chosen, k)
	}
	n := float64(sum.Lists)
	sum.HitRate /= n
	sum.Precision /= n
	sum.Recall /= n
	sum.NDCG /= n
	sum.MAP /= n
	return sum, nil
}

// addList adds the scores of one list to sum.
func addList[T comparable](sum *ListScores, list []T, chosen map[T]bool, k int) {
	var hits, gain, precisions float64
	for j, item := range list {
		if chosen[item] {
			hits++
			gain += 1 / math.Log2(float64(j+2))
			precisions += hits / float64(j+1)
		}
	}
	reachable := min(k, len(chosen))
	best := 0.0
	for j := range reachable {
		best += 1 / math.Log2(float64(j+2))
	}
	sum.Lists++
	if hits > 0 {
		sum.HitRate++
	}
	sum.Precision += hits / float64(k)
	sum.Recall += hits / float64(len(chosen))
	sum.NDCG += gain / best
	sum.MAP += precisions / float64(reachable)
}
