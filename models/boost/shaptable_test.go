package boost

import (
	"context"
	"testing"
)

func TestShapOfTabledTreesIsTheDefinition(t *testing.T) {
	const tolerance = 1e-12
	x, y := customers(3000, 7, 83)
	few, _ := customers(25, 7, 84)
	for leaves := 2; leaves <= mostTabled+2; leaves++ {
		c := Default()
		c.Trees, c.MaxLeaves, c.MinRows, c.RowShare = 8, leaves, 3, 0.7
		m, _ := mustFit(t, c, x, y, nil)
		if tabled := m.explainer().tables[0] != nil; tabled != (leaves <= mostTabled+1) {
			t.Errorf("%d leaves: tabled %v", leaves, tabled)
		}
		phi := make([]float64, 25*7)
		if err := m.ShapTo(context.Background(), phi, few, 2); err != nil {
			t.Fatal(err)
		}
		for i := range 25 {
			if want := definition(m, few, i); furthest(phi[7*i:7*i+7], want) > tolerance {
				t.Errorf("%d leaves, row %d: got %v, want %v", leaves, i, phi[7*i:7*i+7], want)
			}
		}
	}
}
