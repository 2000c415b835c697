package pipeline

import (
	"math"
	"slices"
	"strconv"

	"github.com/quintile-dev/quintile/models/cluster"
	"github.com/quintile-dev/quintile/pipeline/report"
)

// choiceReport says in the manifest how the number of segments was chosen.
func choiceReport(c *cluster.Choice) map[string]any {
	var rows []map[string]any
	for _, a := range c.Candidates {
		rows = append(rows, map[string]any{
			"k": a.K, "inertia": a.Report.Inertia, "silhouette": orNull(a.Silhouette), "davies_bouldin": orNull(a.DaviesBouldin),
			"calinski_harabasz": orNull(a.CalinskiHarabasz), "gap": orNull(a.Gap), "gap_error": orNull(a.GapError),
			"least_stability": orNull(leastStability(a)), "votes": a.Votes, "stable": a.Stable,
		})
	}
	return map[string]any{"k": c.K, "reasons": c.Reasons, "candidates": rows}
}

// orNull returns a number as JSON can hold it: NaN and the infinities are null.
func orNull(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return v
}

func leastStability(a cluster.Candidate) float64 {
	if len(a.Stability) == 0 {
		return math.NaN()
	}
	return slices.Min(a.Stability)
}

// choiceTable shows the same on the page of the report.
func choiceTable(c *cluster.Choice) report.Table {
	t := report.Table{
		Title:   "How many groups",
		Head:    []string{"k", "Silhouette", "Davies–Bouldin", "Calinski–Harabasz", "Gap", "Least stability", "Votes"},
		Numeric: []bool{true, true, true, true, true, true, true},
	}
	for _, a := range c.Candidates {
		t.Rows = append(t.Rows, []string{
			strconv.Itoa(a.K), short(a.Silhouette), short(a.DaviesBouldin), short(a.CalinskiHarabasz), short(a.Gap),
			short(leastStability(a)), strconv.Itoa(a.Votes),
		})
	}
	return t
}
