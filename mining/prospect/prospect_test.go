package prospect_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining/prospect"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// club writes 400 customers, of whom those from York who are older spend more, and
// prospects, and returns the job.
func club(t *testing.T, prospects, steps string) string {
	t.Helper()
	folder := t.TempDir()
	var lines, customers strings.Builder
	lines.WriteString("c,t,a\n")
	customers.WriteString("c,town,age\n")
	for i := range 400 {
		town, age, spent := "Bath", 30, 10
		if i%4 == 0 {
			town, age, spent = "York", 60, 90
		}
		if i%20 == 0 {
			town, spent = "Bath", 50
		}
		fmt.Fprintf(&lines, "c%d,2024-05-%02d,%d\n", i, 1+i%28, spent)
		fmt.Fprintf(&customers, "c%d,%s,%d\n", i, town, age)
	}
	for name, text := range map[string]string{"lines.csv": lines.String(), "customers.csv": customers.String(), "prospects.csv": prospects} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return strings.NewReplacer("FOLDER", folder, "OUT", t.TempDir(), "STEPS", steps).Replace(`
job: club
output: OUT
inputs:
  transactions: [{path: FOLDER/lines.csv, columns: {customer: c, time: t, amount: a}}]
  customers: [{path: FOLDER/customers.csv, columns: {customer: c}, numbers: {age: age}, categories: {town: town}}]
  prospects: [{path: FOLDER/prospects.csv, columns: {prospect: id}, numbers: {age: age}, categories: {town: town}}]
steps: STEPS
`)
}

func TestProspectsRankByWhatTheBestHaveInCommon(t *testing.T) {
	people := "id,town,age\nb,York,60\na,Bath,30\nd,York,30\nnobody,,\nc4,York,60\ne,Rome,30\n"
	result := run(t, club(t, people, "{prospect: {target: top 25% by monetary}}"))
	figures := result.Manifest.Steps["prospect"]
	if figures["state"] != "ok" || figures["prospects"] != 5 || figures["already_customers"] != 1 || figures["without_attributes"] != 1 || figures["seeds"] != 100 {
		t.Errorf("got %v", figures)
	}
	scores := map[string][2]float64{}
	var ids []string
	eachFrame(t, result.Folder, func(f *datasets.Frame) {
		for i := range f.Rows {
			id := string(f.Columns[0].TextAt(i))
			ids = append(ids, id)
			scores[id] = [2]float64{f.Columns[1].Floats[i], f.Columns[2].Floats[i]}
		}
	})
	if got := strings.Join(ids, " "); got != "a b d e nobody" {
		t.Errorf("got the rows %s", got)
	}
	if !(scores["b"][0] > scores["d"][0] && scores["d"][0] >= scores["a"][0]) || scores["b"][0] <= 0.8 || scores["a"][0] >= 0.2 {
		t.Errorf("got %v, want b above d above a", scores)
	}
	if scores["b"][1] != 0.9 {
		t.Errorf("got the percentile %v of the best of five, want 0.9", scores["b"][1])
	}
	unseen := false
	for _, w := range result.Manifest.Warnings {
		unseen = unseen || w.Code == "prospect.unseen_levels" && w.Count == 1
	}
	if !unseen {
		t.Errorf("got the warnings %v, want one of Rome, where no customer lives", result.Manifest.Warnings)
	}
}

func TestGroupsAndConditionsAreTargets(t *testing.T) {
	people := "id,town,age\nb,York,60\na,Bath,30\n"
	for target, seeds := range map[string]int{
		"monetary >= 50": 100, "abc_class = A": 176, "age > 50": 100, "top 20% by profit": 80,
	} {
		result := run(t, club(t, people, fmt.Sprintf("{profit: {}, prospect: {target: '%s'}}", target)))
		if got := result.Manifest.Steps["prospect"]; got["seeds"] != seeds {
			t.Errorf("%s: got %v, want %d best customers", target, got, seeds)
		}
	}
}

func TestFaultyTargetsAreRefusedByName(t *testing.T) {
	for target, want := range map[string]string{
		"top 20 by monetary":        "share above 0",
		"top 20% monetary":          "want top 20% by monetary, or a condition",
		"rfm_segment = champions":   "steps.prospect.target: got rfm_segment, want the step rfm to be named as well",
		"abc_clss = A":              `did you mean "abc_class"?`,
		"abc_class > 3":             "got abc_class, which holds texts, want a column of numbers",
		"profit = high":             "got profit, which holds numbers, compared with a text",
		"top 20% by abc_class":      "which holds texts",
		"town > 3":                  "got town, which holds texts",
		"monetary >":                "got the end, want a number or a text",
		"top 20% by main_product":   "",
		"top 20% by churn_reasons":  "",
		"top 20% by price_mean_log": "want a column of a step, a feature or an attribute",
	} {
		_, err := config.Parse("job.yaml", []byte(club(t, "id,town,age\n", fmt.Sprintf("{profit: {}, prospect: {target: '%s'}}", target))))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", target, err, want)
		}
	}
	text := strings.Replace(club(t, "", "{prospect: {}}"), "prospect: id}, numbers: {age: age}", "prospect: id}, numbers: {income: age}", 1)
	if _, err := config.Parse("job.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), "prospects are compared with them by what both have") {
		t.Errorf("got %v", err)
	}
}

func FuzzTarget(f *testing.F) {
	f.Add("top 20% by monetary")
	f.Add("rfm_segment = champions")
	f.Fuzz(func(t *testing.T, text string) {
		var target prospect.Target
		if _, ok := target.Set(text); !ok {
			return
		}
		var again prospect.Target
		if _, ok := again.Set(target.String()); !ok {
			t.Fatalf("%q is read, and not read again", text)
		}
	})
}
