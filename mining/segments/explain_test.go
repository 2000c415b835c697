package segments

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models/cluster"
)

// twoGroups returns a model of two groups in orders, plain and unscaled: around 1 and around 9.
func twoGroups(t *testing.T) *Model {
	t.Helper()
	config := features.ScalerConfig{Transform: features.NoTransform, Scale: features.Standard}
	scale, err := config.FitColumn("frequency", []float64{0, 2, 8, 10}) // mean 5, deviation √17
	if err != nil {
		t.Fatal(err)
	}
	kmeans, err := cluster.NewKMeans([]string{"frequency"}, [][]float64{{scale.Value(1)}, {scale.Value(9)}})
	if err != nil {
		t.Fatal(err)
	}
	return &Model{Scaler: &features.Scaler{Columns: []features.ColumnScale{scale}}, KMeans: kmeans, Names: []string{"few", "many"}}
}

func explained(t *testing.T, m *Model, orders float64) []mining.Explained {
	t.Helper()
	var ids datasets.Strings
	ids.Append([]byte("c"))
	out, err := m.Explain(context.Background(), mining.NewBatch(ids, []string{"frequency"}, [][]float64{{orders}}))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheChangeThatIsNamedLeadsToTheBorderOfTheOtherGroup(t *testing.T) {
	m := twoGroups(t)
	out := explained(t, m, 2)
	if len(out) != 2 || len(out[0].Parts) != 2 || len(out[1].Parts) != 1 {
		t.Fatalf("got %+v, want two distances and one change", out)
	}
	near, far := *out[0].Parts[0].Size, *out[0].Parts[1].Size
	if want := 1 / math.Sqrt(17); math.Abs(near-want) > 1e-9 || math.Abs(far-7*want) > 1e-9 {
		t.Errorf("got the distances %v and %v, want %v and %v", near, far, want, 7*want)
	}
	// The border is halfway between the centres, at 5 orders.
	if got, want := out[1].Parts[0].Text, "orders: 5 orders instead of 2 orders"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !strings.Contains(out[1].Title, "2, many") {
		t.Errorf("got the title %q, want the other group", out[1].Title)
	}
}
