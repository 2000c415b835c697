package itemset

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/modelcheck"
)

// levels is how many items each column of the contract's numbers is cut into.
const levels = 32

// contract shows item sets to the contract as a model of matrices: a row is the
// basket of its cells, each an item of its column and rounded value, and what is
// predicted for it is the number of sets that it holds.
type contract struct{ *Sets }

func basketsOf(x models.Matrix) (Baskets, error) {
	if err := errors.Join(x.Validate(), x.CheckFinite()); err != nil {
		return Baskets{}, err
	}
	var build Builder
	n, d := x.Dims()
	basket := make([]uint32, d)
	for i := range n {
		for j, col := range x.Cols {
			basket[j] = uint32(j*levels) + uint32(min(levels-1, max(0, int(col[i]*4)+levels/2)))
		}
		build.Add(basket)
	}
	return build.Baskets(), nil
}

func (c contract) Predict(x models.Matrix) ([]float64, error) {
	if n, d := x.Dims(); n > 0 && d == 0 {
		return nil, errors.New("no columns")
	}
	b, err := basketsOf(x)
	if err != nil {
		return nil, err
	}
	held := make([]float64, b.Len())
	for i := range held {
		var has [8 * levels]bool
		for _, item := range b.Basket(i) {
			has[item] = true
		}
		for _, s := range c.All() {
			all := true
			for _, item := range s.Items {
				all = all && int(item) < len(has) && has[item]
			}
			if all {
				held[i]++
			}
		}
	}
	return held, nil
}

func TestContract(t *testing.T) {
	for kind := range Maximal + 1 {
		t.Run(kind.String(), func(t *testing.T) {
			modelcheck.Run(t, modelcheck.Subject{
				Name:   kind.String() + " item sets",
				Target: modelcheck.None,
				Fit: func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
					b, err := basketsOf(d.X)
					if err != nil {
						return nil, err
					}
					c := DefaultConfig()
					c.Kind, c.Workers = kind, o.Workers
					c.MinSupport, c.MinCount = 0.01, 1
					sets, _, err := c.Mine(ctx, b)
					return contract{sets}, err
				},
				Load: func(data []byte) (modelcheck.Fitted, error) {
					s := new(Sets)
					return contract{s}, json.Unmarshal(data, s)
				},
				Except: map[modelcheck.Clause]string{
					modelcheck.NoRows:        "no baskets are an answer, not an error: no set is frequent; see TestAnEmptyResultIsAResult",
					modelcheck.WrongShape:    "item sets predict nothing and know no columns: baskets of any items can be compared with them",
					modelcheck.NoAllocations: "the prediction is an adapter of this test, which builds baskets from numbers",
				},
			})
		})
	}
}
