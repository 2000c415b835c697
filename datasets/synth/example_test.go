package synth_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/quintile-dev/quintile/datasets/synth"
)

func Example() {
	c := synth.Default()
	c.Customers, c.Lines, c.Columns = 3, 5, synth.Minimal
	r, err := synth.New(c)
	if err != nil {
		log.Fatal(err)
	}
	if err := r.WriteCSV(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
	truth, _ := r.Truth(r.Customer(0))
	fmt.Println(truth.Segment)
	// Output:
	// order_id,customer_id,time,product,quantity,unit_price
	// 500001,100001,2023-10-30 16:04:47,P1119,2,13.29
	// 500001,100001,2023-10-30 16:04:47,P0748,1,6.92
	// 500001,100001,2023-10-30 16:04:47,P0663,6,3.91
	// 500002,100000,2023-12-21 12:35:28,P0457,1,6.99
	// 500003,100002,2025-04-28 19:03:47,P0564,1,29.99
	// passing
}
