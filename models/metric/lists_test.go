package metric

import (
	"errors"
	"math"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

func TestListsAreScoredAsByHand(t *testing.T) {
	// Hits at places 1 and 3 of a truth of 3, k = 4:
	// P = 2/4, R = 2/3, gain = 1 + 1/2 = 1.5, best = 1 + 1/log₂3 + 1/2 = 2.1309297536,
	// MAP = (1/1 + 2/3)/3 = 5/9.
	twoThirds := 2.0 / 3 // rounded, as it is when added up
	got, err := ScoreLists([][]string{{"a", "x", "b", "y", "c"}}, [][]string{{"c", "b", "a"}}, 4)
	want := ListScores{Lists: 1, HitRate: 1, Precision: 0.5, Recall: 2.0 / 3, NDCG: 1.5 / (1.5 + 1/math.Log2(3)), MAP: (1 + twoThirds) / 3}
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	// A list without a truth is left out, one without entries is a miss, and a
	// truth larger than k can still be met in full.
	got, err = ScoreLists([][]int{{1, 2}, {}, {7}}, [][]int{{2, 1, 9}, {4}, nil}, 2)
	want = ListScores{Lists: 2, HitRate: 0.5, Precision: 0.5, Recall: 1.0 / 3, NDCG: 0.5, MAP: 0.5}
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestListsWithoutTruthsHaveNoScores(t *testing.T) {
	got, err := ScoreLists([][]int{{1}}, [][]int{nil}, 1)
	if err != nil || got.Lists != 0 || !math.IsNaN(got.NDCG) || !math.IsNaN(got.HitRate) {
		t.Errorf("got %+v, %v", got, err)
	}
	var shape *models.ShapeError
	if _, err := ScoreLists([][]int{{1}}, nil, 1); !errors.As(err, &shape) {
		t.Errorf("got %v, want a ShapeError", err)
	}
	var config *models.ConfigError
	if _, err := ScoreLists([][]int{{1}}, [][]int{{1}}, 0); !errors.As(err, &config) {
		t.Errorf("got %v, want a ConfigError", err)
	}
}
