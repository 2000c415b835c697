package cluster

import (
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// Codes of the warnings of ChooseK.
const (
	WarnWeakStructure = "weak_structure"
	WarnUnstable      = "unstable_clusters"
)

// weakSilhouette is the mean silhouette below which Kaufman and Rousseeuw speak
// of no substantial structure (Finding Groups in Data, 1990, table 4).
const weakSilhouette = 0.25

// decide counts the nominations, recommends a k and says why.
func (c *Choice) decide(config ChooseKConfig) {
	nominate := func(i int, reason string) {
		if i >= 0 {
			c.Candidates[i].Votes++
			c.Reasons = append(c.Reasons, reason)
		}
	}
	if i := c.best(func(a Candidate) float64 { return a.Silhouette }); i >= 0 {
		nominate(i, fmt.Sprintf("k = %d has the highest silhouette, %.3f", c.Candidates[i].K, c.Candidates[i].Silhouette))
	}
	if i := c.best(func(a Candidate) float64 { return -a.DaviesBouldin }); i >= 0 {
		nominate(i, fmt.Sprintf("k = %d has the lowest Davies–Bouldin index, %.3f", c.Candidates[i].K, c.Candidates[i].DaviesBouldin))
	}
	if i := c.best(func(a Candidate) float64 { return a.CalinskiHarabasz }); i >= 0 {
		nominate(i, fmt.Sprintf("k = %d has the highest Calinski–Harabasz index, %.1f", c.Candidates[i].K, c.Candidates[i].CalinskiHarabasz))
	}
	if i := c.byGap(); i >= 0 {
		nominate(i, fmt.Sprintf("k = %d is the smallest whose gap, %.3f, is not clearly below the next", c.Candidates[i].K, c.Candidates[i].Gap))
	}
	at := c.elect()
	c.K = c.Candidates[at].K
	c.explain(config, at)
}

// best returns the candidate with the highest value, the first of equals, or −1
// where all are NaN.
func (c *Choice) best(value func(Candidate) float64) int {
	at, high := -1, math.Inf(-1)
	for i, a := range c.Candidates {
		if v := value(a); v > high {
			at, high = i, v
		}
	}
	return at
}

// byGap returns the smallest candidate with Gap(k) ≥ Gap(k+1) − s(k+1); −1 where
// the gap still rises clearly at the end of the range, or is unknown.
func (c *Choice) byGap() int {
	for i := range len(c.Candidates) - 1 {
		a, next := c.Candidates[i], c.Candidates[i+1]
		if a.Gap >= next.Gap-next.GapError {
			return i
		}
	}
	return -1
}

// elect returns the candidate to recommend.
func (c *Choice) elect() int {
	anyStable := false
	for _, a := range c.Candidates {
		anyStable = anyStable || a.Stable && a.K > 1
	}
	at := -1
	for i, a := range c.Candidates {
		if anyStable && !a.Stable {
			continue
		}
		if at < 0 || a.Votes > c.Candidates[at].Votes ||
			a.Votes == c.Candidates[at].Votes && a.Silhouette > c.Candidates[at].Silhouette {
			at = i
		}
	}
	return at
}

// explain adds the reason of the choice and what to be careful of.
func (c *Choice) explain(config ChooseKConfig, at int) {
	a := c.Candidates[at]
	c.Reasons = append(c.Reasons, fmt.Sprintf("k = %d is recommended, with %d of the nominations", a.K, a.Votes))
	for _, b := range c.Candidates {
		if !b.Stable && b.Votes > 0 && a.Stable {
			c.Reasons = append(c.Reasons, fmt.Sprintf("k = %d was set aside: its least stable cluster returns with a Jaccard similarity of only %.2f", b.K, least(b.Stability)))
		}
	}
	if !a.Stable {
		c.Warnings = append(c.Warnings, models.Warning{
			Code: WarnUnstable, Count: 1,
			Message: fmt.Sprintf("a cluster of k = %d returns with a Jaccard similarity of only %.2f when rows are resampled, below %.2f", a.K, least(a.Stability), config.LeastStability),
		})
	}
	gapOne := c.byGap() == 0 && c.Candidates[0].K == 1
	if gapOne || a.Silhouette < weakSilhouette {
		c.Warnings = append(c.Warnings, models.Warning{
			Code: WarnWeakStructure, Count: 1,
			Message: fmt.Sprintf("the rows hardly form groups (silhouette %.3f at k = %d); read the clusters as a way to cut, not as kinds", a.Silhouette, a.K),
		})
	}
}

func least(v []float64) float64 {
	low := math.Inf(1)
	for _, u := range v {
		low = min(low, u)
	}
	return low
}
