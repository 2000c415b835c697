package steps

import (
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/migration"
)

// The step migration declares two columns for each grouping, and no room knows another: a grouping that is new must be
// added to its list.
func TestMigrationFollowsEveryGrouping(t *testing.T) {
	var want []string
	for _, s := range Table() {
		for _, g := range s.Groupings {
			want = append(want, g+"_before", g+"_since")
		}
	}
	var got []string
	for _, c := range migration.Step.Columns {
		got = append(got, c.Name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got the columns %v, want %v", got, want)
	}
	last := Table()[len(Table())-1]
	if _, compares := last.Default().(mining.Comparer); !compares {
		t.Errorf("got %s as the last step, want the one that compares what all others found", last.Name)
	}
}
