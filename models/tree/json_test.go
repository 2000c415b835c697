package tree

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

func TestJSONIsTheWholeTree(t *testing.T) {
	x, y := benchmarkTable(2000, 5)
	x.Names = []string{"a", "b", "c", "d", "e"}
	for i := range x.Cols[4] {
		if i%9 == 0 {
			x.Cols[4][i], x.Cols[0][i] = nan, nan
		}
	}
	for _, criterion := range []Criterion{Gini, Entropy} {
		c := plain()
		c.Criterion, c.MinLeafRows = criterion, 5
		c.Kinds = []Kind{Numeric, Numeric, Numeric, Numeric, Categorical}
		tr := fitClasses(t, c, x, y, 4, nil)
		first := toJSON(t, tr)
		var loaded Tree
		if err := json.Unmarshal([]byte(first), &loaded); err != nil {
			t.Fatal(err)
		}
		if second := toJSON(t, &loaded); second != first {
			t.Error("written again, the JSON differs")
		}
		// The rules use names, kinds, sets, thresholds, masses and leaf numbers.
		if got, want := strings.Join(drawing(&loaded), "\n"), strings.Join(drawing(tr), "\n"); got != want {
			t.Errorf("got rules\n%s\nwant\n%s", got, want)
		}
		if loaded.Leaves() != tr.Leaves() || loaded.Depth() != tr.Depth() || loaded.Classes() != 4 || loaded.Columns() != 5 {
			t.Error("leaves, depth, classes or columns differ")
		}
	}
}

const validTree = `{"format":"quintile.tree","version":1,"task":"classification","classes":2,"criterion":"gini",
"columns":[{"kind":"numeric"},{"kind":"categorical","codes":[0,4]}],
"nodes":[{"rows":2,"weight":2,"impurity":0.5,"mass":[1,1],"ask":{"column":0,"at_most":1.5,"missing":false,"no":2}},
{"rows":1,"weight":1,"impurity":0,"mass":[1,0]},{"rows":1,"weight":1,"impurity":0,"mass":[0,1]}]}`

func TestDamagedTreesAreRefused(t *testing.T) {
	f := func(old, damage string) {
		t.Helper()
		b := strings.Replace(validTree, old, damage, 1)
		if b == validTree && old != damage {
			t.Fatalf("%q is not in the valid tree", old)
		}
		err := json.Unmarshal([]byte(b), new(Tree))
		if (old == damage) != (err == nil) {
			t.Errorf("%q for %q: got %v", damage, old, err)
		}
	}
	f("", "")
	f(`"quintile.tree"`, `"quintile.forest"`)
	f(`"version":1`, `"version":2`)
	f(`"classification"`, `"regression"`)
	f(`"gini"`, `"variance"`)
	f(`"classes":2`, `"classes":3`)
	f(`"classes":2`, `"classes":-2`)
	f(`"kind":"numeric"`, `"kind":"text"`)
	f(`"kind":"numeric"`, `"kind":"numeric","codes":[1]`)
	f(`[0,4]`, `[4,0]`)
	f(`"rows":2`, `"rows":0`)
	f(`"weight":2`, `"weight":0`)
	f(`[1,1]`, `[1,-1]`)
	f(`[1,1]`, `[1]`)
	f(`"column":0`, `"column":2`)
	f(`"column":0`, `"column":1`)
	f(`"at_most":1.5,`, ``)
	f(`"at_most":1.5`, `"at_most":1.5,"present":true`)
	f(`"at_most":1.5`, `"present":true,"in":[0]`)
	f(`"column":0,"at_most":1.5`, `"column":1,"in":[3]`)
	f(`"no":2`, `"no":1`)
	f(`"no":2`, `"no":3`)
	f(`"mass":[0,1]}`, `"mass":[0,1]},{"rows":1,"weight":1,"impurity":0,"mass":[0,1]}`)
	f(`,{"rows":1,"weight":1,"impurity":0,"mass":[0,1]}`, ``)
}

// Whatever is accepted predicts without a panic, and reads back the same.
func FuzzUnmarshalTree(f *testing.F) {
	f.Add([]byte(validTree))
	f.Add([]byte(strings.Replace(validTree, `"column":0,"at_most":1.5`, `"column":1,"in":[4],"others":true`, 1)))
	f.Add([]byte(strings.Replace(validTree, `"at_most":1.5`, `"present":true`, 1)))
	f.Add([]byte(`{"format":"quintile.tree","version":1,"task":"regression","criterion":"variance","columns":[{"kind":"numeric"}],"nodes":[{"rows":1,"weight":1,"impurity":0,"mean":3}]}`))
	if tr, _, err := plain().FitClasses(context.Background(), matrix([]float32{1, 2, 3, nan}), []int32{0, 1, 0, 1}, 2, nil); err == nil {
		b, _ := json.Marshal(tr)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var tr Tree
		if json.Unmarshal(b, &tr) != nil {
			return
		}
		first, err := json.Marshal(&tr)
		if err != nil {
			t.Fatalf("accepted, but not written: %v", err)
		}
		var again Tree
		if err := json.Unmarshal(first, &again); err != nil {
			t.Fatalf("written, but not accepted: %v", err)
		}
		second, err := json.Marshal(&again)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("written twice, differs (%v):\n%s\n%s", err, first, second)
		}
		x := models.Matrix{}
		for range tr.Columns() {
			x.Cols = append(x.Cols, []float32{0, 1, 4, nan, 1 << 23})
		}
		if err := tr.LeafTo(make([]int32, 5), x); err != nil {
			t.Fatal(err)
		}
		tr.Rules(nil, nil, nil)
		tr.Importances()
		tr.Pruned(0.1)
	})
}
