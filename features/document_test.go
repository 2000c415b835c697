package features

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

var update = flag.Bool("update", false, "rewrite docs/features.md")

func TestFeaturesPageIsCurrent(t *testing.T) {
	path := filepath.Join("..", "docs", "features.md")
	var want bytes.Buffer
	if err := Document(&want); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s is not what the catalogue says; run go test ./features -run TestFeaturesPageIsCurrent -update", path)
	}
}

func TestEveryEntryOfTheCatalogueIsComplete(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	seen := map[string]bool{}
	var groups []string
	for _, f := range Catalogue() {
		if !name.MatchString(f.Name) || seen[f.Name] {
			t.Errorf("%q is no name, or taken", f.Name)
		}
		seen[f.Name] = true
		if f.Group == "" || f.Unit == "" || f.Missing == "" || f.value == nil || !strings.HasSuffix(f.Meaning, ".") {
			t.Errorf("%s is not complete", f.Name)
		}
		for _, quoted := range regexp.MustCompile("`([a-z0-9_]+)`").FindAllStringSubmatch(f.Meaning, -1) {
			if _, ok := Lookup(quoted[1]); !ok {
				t.Errorf("%s speaks of %s, which does not exist", f.Name, quoted[1])
			}
		}
		if len(groups) == 0 || groups[len(groups)-1] != f.Group {
			if slices.Contains(groups, f.Group) {
				t.Errorf("group %q stands in two places", f.Group)
			}
			groups = append(groups, f.Group)
		}
	}
	if len(seen) < 60 {
		t.Errorf("got %d features, want at least 60", len(seen))
	}
}

func TestFeaturesOfUnmappedColumnsAreAbsent(t *testing.T) {
	base := Available(0)
	for _, f := range base {
		if f.Needs != 0 {
			t.Errorf("%s needs %s", f.Name, f.Needs)
		}
	}
	priced := len(Available(Amount))
	if len(base) < 30 || len(Available(everything)) != len(Catalogue()) || len(Available(Cost)) != len(base)+1 || len(Available(Amount|Cost)) != priced+3 {
		t.Errorf("got %d, %d, %d, %d features", len(base), len(Available(everything)), len(Available(Cost)), priced)
	}
	for _, f := range base {
		if f.Kind == Money || f.Kind == Quantity || strings.Contains(f.Name, "money") || strings.Contains(f.Name, "items") || strings.Contains(f.Name, "value") {
			t.Errorf("%s exists without money and quantity", f.Name)
		}
	}
	c := datasets.Columns{Cost: true, Discount: true, Amount: true, Quantity: true}
	for d := range c.Dims {
		c.Dims[d] = true
	}
	if got := Mapped(c, true); got != everything {
		t.Errorf("got %s", got)
	}
	c.Dims[datasets.Product], c.Cost = false, false
	if got := Mapped(c, false); got != everything&^(Product|Cost|Clock) {
		t.Errorf("got %s", got)
	}
}

func TestSelectExplainsItself(t *testing.T) {
	got, err := Select(Catalogue(), []string{"monetary", "recency_days"}, Amount)
	if err != nil || len(got) != 2 || got[0].Name != "monetary" || got[1].Name != "recency_days" {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = Select(Catalogue(), []string{"recency_day", "margin_money", "lines", "lines", "xyzzy"}, Product|Amount)
	want := strings.Join([]string{
		`features: features[0]: got "recency_day", want a feature of docs/features.md; did you mean "recency_days"?`,
		`features: features[1]: got "margin_money", want a feature whose columns are mapped; map cost`,
		`features: features[3]: got "lines", want each feature once`,
		`features: features[4]: got "xyzzy", want a feature of docs/features.md`,
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
