package modelcheck

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func TestSoundModelPassesForEveryTarget(t *testing.T) {
	for _, target := range []Target{None, Binary, Classes, Numbers, Counts} {
		t.Run(fmt.Sprintf("target=%d", target), func(t *testing.T) {
			Run(t, subject(target, false, true, ""))
		})
	}
	t.Run("missing", func(t *testing.T) { Run(t, subject(Numbers, true, false, "")) })
}

// Each clause has a model that breaks it, and must catch that model.
func TestEveryClauseCatchesItsMutant(t *testing.T) {
	for _, c := range contract() {
		t.Run(strings.ReplaceAll(string(c.name), " ", "-"), func(t *testing.T) {
			if c.name == Concurrent && raceFactor > 1 {
				t.Skip("the mutant is a data race on purpose, which the race detector would report")
			}
			s := subject(Numbers, c.name == MissingValues, true, c.name)
			if err := c.hold(&s); err == nil {
				t.Errorf("a model that breaks %q passes it", c.name)
			} else {
				t.Log(err)
			}
		})
	}
}

func TestPanicIsABrokenClause(t *testing.T) {
	s := subject(Numbers, false, false, "")
	s.Fit = func(context.Context, Data, Options) (Fitted, error) { panic("index out of range") }
	for _, c := range contract() {
		if !c.applies(&s) {
			continue
		}
		if err := c.hold(&s); err == nil || !strings.Contains(err.Error(), "panicked: index out of range") {
			t.Errorf("%q: got %v, want the panic reported", c.name, err)
		}
	}
}

func TestExceptionsAreChecked(t *testing.T) {
	f := func(except map[Clause]string, want string) {
		t.Helper()
		s := subject(Numbers, false, false, "")
		s.Except = except
		err := s.validate()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v: got %v, want %q", except, err, want)
		}
	}
	f(nil, "")
	f(map[Clause]string{Subset: "scores are ranks within the batch"}, "")
	f(map[Clause]string{Subset: " "}, "give the reason")
	f(map[Clause]string{"subsets": "a typo"}, "no such clause")
	f(map[Clause]string{WeightOne: "has no weights"}, "does not apply")
}

func TestSubjectMustBeComplete(t *testing.T) {
	err := (&Subject{}).validate()
	if err == nil || !strings.Contains(err.Error(), "Name") || !strings.Contains(err.Error(), "Fit and Load") {
		t.Errorf("got %v, want both faults", err)
	}
}

func TestDataIsTheSameEveryTime(t *testing.T) {
	for _, target := range []Target{None, Binary, Classes, Numbers, Counts} {
		long, short := generate(1000, target), generate(200, target)
		if err := differData(short, generate(200, target)); err != nil {
			t.Errorf("target %d: %v", target, err)
		}
		for i := range 200 {
			if long.X.Cols[3][i] != short.X.Cols[3][i] {
				t.Fatalf("target %d: row %d of the longer table differs", target, i+1)
			}
		}
	}
}

// A target that were constant or perfectly predictable would make the clauses
// about targets vacuous.
func TestTargetsAreVaried(t *testing.T) {
	f := func(target Target, want ...float64) {
		t.Helper()
		count := map[float64]int{}
		for _, v := range generate(rows, target).Y {
			count[v]++
		}
		for _, v := range want {
			if count[v] < rows/20 {
				t.Errorf("target %d: value %g occurs %d times in %d rows", target, v, count[v], rows)
			}
		}
	}
	f(Binary, 0, 1)
	f(Classes, 0, 1, 2)
	f(Counts, 0, 1, 2)
}

func TestExceptedClauseIsSkipped(t *testing.T) {
	s := subject(Numbers, false, true, Subset)
	s.Except = map[Clause]string{
		Subset:     "the toy looks at the size of the batch",
		Concurrent: "the toy looks at the size of the batch",
	}
	Run(t, s) // would fail without the exception: see TestEveryClauseCatchesItsMutant
}
