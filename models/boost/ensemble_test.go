package boost

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// walk is the plain way to score a row.
func walk(m *Ensemble, x models.Matrix, row int) float64 {
	score := m.base
	for _, tr := range m.trees {
		n := &tr[0]
		for !n.isLeaf() {
			n = &tr[n.next(x.Cols[n.column][row])]
		}
		score += n.value
	}
	return score
}

func TestScoringIsWalkingTheTrees(t *testing.T) {
	x, y := customers(20_000, 12, 51)
	test, _ := customers(3000, 12, 52)
	for _, leaves := range []int{2, 3, 31, 32, 33, 64, 65, 200} {
		c := Default()
		c.Trees, c.MaxLeaves, c.MinRows = 12, leaves, 2
		m, _ := mustFit(t, c, x, y, nil)
		for _, workers := range []int{1, 2, 8} {
			got := make([]float64, 3000)
			if err := m.ScoreTo(context.Background(), got, test, workers); err != nil {
				t.Fatal(err)
			}
			for i := range got {
				if want := walk(m, test, i); got[i] != want {
					t.Fatalf("%d leaves, %d workers, row %d: got %v, want %v", leaves, workers, i, got[i], want)
				}
			}
		}
	}
}

// A column with more thresholds than a lookup holds is walked.
func TestScoringWithManyThresholds(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	var trees []tree
	for range 400 {
		trees = append(trees, tree{
			{column: 0, left: 1, right: 2, threshold: rng.Float32(), missingLeft: rng.IntN(2) == 0, rows: 2},
			{column: leafColumn, value: rng.Float64(), rows: 1}, {column: leafColumn, value: rng.Float64(), rows: 1},
		})
	}
	m, err := newEnsemble(Squared, 0, []string{"a"}, 0.5, nil, trees)
	if err != nil {
		t.Fatal(err)
	}
	x := single(nan32, 0, 1)
	for range 500 {
		x.Cols[0] = append(x.Cols[0], rng.Float32())
	}
	for i, got := range scores(t, m, x) {
		if want := walk(m, x, i); got != want {
			t.Fatalf("row %d: got %v, want %v", i, got, want)
		}
	}
}

func TestPredictionsAreInTheUnitsOfTheTarget(t *testing.T) {
	x, ones := customers(4000, 4, 61)
	for _, loss := range losses {
		c := Default()
		c.Loss, c.Trees = loss, 20
		y := amounts(loss, x, ones)
		m, _ := mustFit(t, c, x, y, nil)
		p := make([]float64, len(y))
		if err := m.PredictTo(context.Background(), p, x, 2); err != nil {
			t.Fatal(err)
		}
		var got, want, below float64
		for i := range y {
			got, want = got+p[i], want+y[i]
			if y[i] <= p[i] {
				below++
			}
		}
		if loss == Quantile { // the median
			if share := below / float64(len(y)); share < 0.45 || share > 0.65 {
				t.Errorf("quantile: %v of the targets lie at or below the median", share)
			}
		} else if math.Abs(got-want) > 0.02*want {
			t.Errorf("%s: predictions sum to %v, targets to %v", loss, got, want)
		}
		if err := m.ProbTo(context.Background(), p, x, 1); (err == nil) != (loss == Logistic) {
			t.Errorf("%s: ProbTo gives error %v", loss, err)
		}
	}
}

func TestImportancesAddUp(t *testing.T) {
	x, ones := customers(4000, 4, 62)
	c := one(Squared)
	c.Trees, c.LearningRate, c.MinRows = 1, 1, 20
	y := amounts(Squared, x, ones)
	m, r := mustFit(t, c, x, y, nil)
	var gain float64
	splits := 0
	for _, i := range m.Importances() {
		gain += i.Gain
		splits += i.Splits
	}
	if splits != c.MaxLeaves-1 {
		t.Errorf("got %d splits, want %d", splits, c.MaxLeaves-1)
	}
	// A full step of squared loss saves half the gain, in sum over the rows.
	if want := 2 * (r.TrainLoss[0] - r.TrainLoss[1]) * float64(len(y)); math.Abs(gain-want) > 1e-6*want {
		t.Errorf("got gain %v, want %v", gain, want)
	}
}

func TestJSONIsReadableAndExact(t *testing.T) {
	m, _ := mustFit(t, two1(), models.Matrix{Names: []string{"tenure_days"}, Cols: [][]float32{{1, 2, 3, 4}}}, []float64{0, 2, 10, 12}, nil)
	const want = `{"format":"quintile.boost/1","loss":"squared","columns":["tenure_days"],"base_score":6,"trees":[` +
		`{"column":[0,-1,-1],"threshold":[2.5,0,0],"missing_left":[true,false,false],"left":[1,0,0],"right":[2,0,0],` +
		`"rows":[4,2,2],"gain":[100,0,0],"value":[0,-5,5]}]}`
	if got := string(marshal(t, m)); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	for _, change := range [][2]string{
		{`quintile.boost/1`, `quintile.boost/2`},
		{`"squared"`, `"absolute"`},
		{`"loss"`, `"lost"`},
		{`["tenure_days"]`, `[]`},
		{`[0,-1,-1]`, `[1,-1,-1]`},
		{`[0,-1,-1]`, `[0,-1]`},
		{`"left":[1,0,0]`, `"left":[0,0,0]`},
		{`"left":[1,0,0]`, `"left":[2,0,0]`},
		{`"left":[1,0,0]`, `"left":[9,0,0]`},
		{`"left":[1,0,0]`, `"left":[1,0,1]`},
		{`[4,2,2]`, `[4,2,3]`},
		{`[4,2,2]`, `[0,0,0]`},
		{`[100,0,0]`, `[-1,0,0]`},
		{`[0,-5,5]`, `[0,-5,1e999]`},
		{`"base_score":6`, `"base_score":null,"quantile_prob":0.5`},
	} {
		text := strings.Replace(want, change[0], change[1], 1)
		if err := json.Unmarshal([]byte(text), new(Ensemble)); err == nil {
			t.Errorf("%s in place of %s: got no error", change[1], change[0])
		}
	}
}

func FuzzUnmarshalJSON(f *testing.F) {
	x, y := customers(300, 3, 71)
	c := Default()
	c.Trees, c.MinRows = 2, 5
	m, _ := mustFit(f, c, x, y, nil)
	f.Add(marshal(f, m))
	f.Add([]byte(`{"format":"quintile.boost/1","loss":"quantile","quantile_prob":0.5,"columns":["a"],"base_score":0,"trees":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := new(Ensemble)
		if json.Unmarshal(b, m) != nil {
			return
		}
		first := marshal(t, m)
		again := new(Ensemble)
		if err := json.Unmarshal(first, again); err != nil {
			t.Fatalf("accepted, written and refused: %v", err)
		}
		if !bytes.Equal(first, marshal(t, again)) {
			t.Fatal("written twice, differently")
		}
		if len(m.names) > 64 {
			return
		}
		row := models.Matrix{Cols: make([][]float32, len(m.names))}
		for j := range row.Cols {
			row.Cols[j] = []float32{float32(j), nan32}
		}
		for i, got := range scores(t, m, row) {
			if want := walk(m, row, i); got != want && want == want {
				t.Fatalf("row %d: got %v, want %v", i, got, want)
			}
		}
	})
}
