package cluster

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// Tolerances: ours runs in float32 and scikit-learn in float64, so where the last
// iterations agree on the labels the results agree to rounding.
const (
	inertiaTolerance = 1e-9
	centreTolerance  = 1e-5
	indexTolerance   = 1e-9
)

type referenceFile struct {
	Fits []struct {
		Name             string
		K                int
		X                [][]float64
		Weights          []float64
		Start            [][]float64
		Inertia          float64
		Centres          [][]float64
		Labels           []int32
		Silhouette       float64
		Silhouettes      []float64
		DaviesBouldin    float64 `json:"davies_bouldin"`
		CalinskiHarabasz float64 `json:"calinski_harabasz"`
	}
	Assignments []struct {
		Cost  [][]float64
		Total float64
		Pairs int
	}
}

func readReference(t *testing.T) (r referenceFile) {
	t.Helper()
	data, err := os.ReadFile("testdata/reference/sklearn.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// matrix turns rows into a Matrix.
func matrix(rows ...[]float64) models.Matrix {
	x := models.Matrix{Cols: make([][]float32, len(rows[0]))}
	for _, row := range rows {
		for j, v := range row {
			x.Cols[j] = append(x.Cols[j], float32(v))
		}
	}
	return x
}

func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

func TestFitAgreesWithScikitLearnFromTheSameStart(t *testing.T) {
	for _, f := range readReference(t).Fits {
		t.Run(f.Name, func(t *testing.T) {
			c := DefaultKMeans()
			c.K, c.Start, c.Tol = f.K, f.Start, 0
			x := matrix(f.X...)
			m, report, err := c.Fit(context.Background(), x, f.Weights)
			if err != nil {
				t.Fatal(err)
			}
			if !near(report.Inertia, f.Inertia, inertiaTolerance) || !report.Converged {
				t.Errorf("inertia %v (converged %v), want %v", report.Inertia, report.Converged, f.Inertia)
			}
			for i, row := range m.Centres() {
				for j, v := range row {
					if !near(v, f.Centres[i][j], centreTolerance) {
						t.Errorf("centre %d, column %d: got %v, want %v", i, j, v, f.Centres[i][j])
					}
				}
			}
			labels, err := m.Predict(x)
			if err != nil || !slices.Equal(labels, f.Labels) {
				t.Errorf("labels %v, %v; want %v", labels, err, f.Labels)
			}
		})
	}
}

func TestIndicesAgreeWithScikitLearn(t *testing.T) {
	for _, f := range readReference(t).Fits {
		t.Run(f.Name, func(t *testing.T) {
			x := matrix(f.X...)
			check := func(name string, got float64, err error, want float64) {
				t.Helper()
				if err != nil || !near(got, want, indexTolerance) {
					t.Errorf("%s: got %v, %v; want %v", name, got, err, want)
				}
			}
			// An empty cluster more must change nothing.
			for _, k := range []int{f.K, f.K + 1} {
				s, err := Silhouette(context.Background(), 2, x, f.Labels, k)
				check("silhouette", s, err, f.Silhouette)
				db, err := DaviesBouldin(x, f.Labels, k)
				check("Davies–Bouldin", db, err, f.DaviesBouldin)
				ch, err := CalinskiHarabasz(x, f.Labels, k)
				check("Calinski–Harabasz", ch, err, f.CalinskiHarabasz)
			}
			each, err := Silhouettes(context.Background(), 2, x, f.Labels, f.K)
			for i, want := range f.Silhouettes {
				check("silhouette of a row", each[i], err, want)
			}
		})
	}
}

func TestAssignAgreesWithSciPy(t *testing.T) {
	for i, f := range readReference(t).Assignments {
		got, total, used := Assign(f.Cost), 0.0, map[int]bool{}
		for r, c := range got {
			if c >= 0 {
				total += f.Cost[r][c]
				if used[c] {
					t.Errorf("problem %d: column %d is used twice", i, c)
				}
				used[c] = true
			}
		}
		if total != f.Total || len(used) != f.Pairs {
			t.Errorf("problem %d: %d pairs of cost %v, want %d of %v", i, len(used), total, f.Pairs, f.Total)
		}
	}
}
