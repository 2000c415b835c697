package models_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

func ExampleBenjaminiHochberg() {
	q := make([]float64, 5)
	err := models.BenjaminiHochberg(q, []float64{0.04, 0.01, math.NaN(), 0.03, 0.005})
	fmt.Printf("%.3f %v\n", q, err)
	// Output: [0.040 0.020 NaN 0.040 0.020] <nil>
}

func TestBenjaminiHochbergByHand(t *testing.T) {
	// Sorted: 0.1·5/1 = 0.5; 0.2·5/2 = 0.5; 0.5·5/3 = 0.83, lowered to the next; 0.6·5/4 = 0.75; 0.9.
	p := []float64{0.9, 0.2, 0.6, 0.1, 0.5}
	if err := models.BenjaminiHochberg(p, p); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.9, 0.5, 0.75, 0.5, 0.75} {
		if math.Abs(p[i]-want) > 1e-12 {
			t.Errorf("value %d: got %v, want %v", i, p[i], want)
		}
	}
}

func TestBenjaminiHochbergRefusesWhatIsNoProbability(t *testing.T) {
	var e *models.ValueError
	if err := models.BenjaminiHochberg(make([]float64, 2), []float64{0.5, 1.5}); !errors.As(err, &e) || e.Row != 2 {
		t.Errorf("got %v", err)
	}
	var s *models.ShapeError
	if err := models.BenjaminiHochberg(nil, []float64{0.5}); !errors.As(err, &s) {
		t.Errorf("got %v", err)
	}
}
