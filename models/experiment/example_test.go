package experiment_test

import (
	"fmt"

	"github.com/quintile-dev/quintile/models/experiment"
)

func ExampleNewcombe() {
	treated := experiment.Count{Hits: 3238, Of: 21387}
	control := experiment.Count{Hits: 2262, Of: 21306}
	effect, err := experiment.Newcombe(treated, control, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f, from %.4f to %.4f\n", effect.Estimate, effect.Low, effect.High)
	// Output: 0.0452, from 0.0389 to 0.0516
}

func ExampleWelch() {
	var treated, control experiment.Arm
	for _, money := range []float64{0, 0, 12, 30, 0, 25} {
		treated.Add(money, 0)
	}
	for _, money := range []float64{0, 10, 0, 0, 8, 0} {
		control.Add(money, 0)
	}
	d, err := experiment.Welch(treated, control, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f a head, from %.2f to %.2f\n", d.Estimate, d.Low, d.High)
	// Output: 8.17 a head, from -6.08 to 22.41
}

func ExampleDesign_SmallestEffect() {
	effect, err := experiment.DefaultDesign().SmallestEffect(0.10, 9000, 1000)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", effect)
	// Output: 0.0303
}
