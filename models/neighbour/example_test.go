package neighbour_test

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models/neighbour"
)

func ExampleConfig_Fit() {
	x := neighbour.Rows{ItemCount: 4}
	for _, row := range [][]uint32{{0, 1}, {0, 1}, {0, 1, 3}, {2, 3}, {2}, {2, 3}, {0}} {
		x.Add(row)
	}
	c := neighbour.DefaultConfig()
	c.L2 = 1
	m, report, err := c.Fit(context.Background(), x)
	if err != nil {
		fmt.Println(err)
		return
	}
	order, err := neighbour.Order(x.Counts())
	if err != nil {
		fmt.Println(err)
		return
	}
	var held neighbour.Rows
	held.ItemCount = 4
	held.Add([]uint32{0})
	held.Add([]uint32{2})
	lists, err := m.Recommend(context.Background(), held, neighbour.Top{K: 1, Order: order, Workers: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Rows, "rows,", report.Dense, "items within EASE")
	for _, list := range lists {
		fmt.Printf("item %d, score %.3f\n", list[0].Item, list[0].Score)
	}
	// Output:
	// 7 rows, 4 items within EASE
	// item 1, score 0.571
	// item 3, score 0.500
}
