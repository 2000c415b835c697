package drift_test

import (
	"fmt"

	"github.com/quintile-dev/quintile/models/drift"
)

func ExampleReference() {
	reference, err := drift.Learn([]float64{1, 2, 3, 4, 5, 6, 7, 8}, 4)
	if err != nil {
		fmt.Println(err)
	}
	psi, err := reference.PSI([]float64{1, 1, 2, 2, 3, 4, 5, 6})
	fmt.Printf("%.2f %v: a major shift: %v\n", psi, err, psi > drift.MajorPSI)
	// Output: 2.13 <nil>: a major shift: true
}
