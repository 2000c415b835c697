package stepcheck

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/explain"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// unmappedSteps are all steps, some with settings that have them do more.
const unmappedSteps = `
  rfm: {}
  features: {}
  segments: {k: 3}
  classify: {target: rfm_segment}
  rules: {min_support: 0.005, min_confidence: 0.2}
  churn: {horizon_days: 60}
  value: {}
  profit: {}
  quadrant: {}
  portfolio: {}
  lifecycle: {}
  loyalty: {}
  performance: {}
  forecast: {origins: 2}
  deviation: {}
  recommend: {}
  prospect: {}
  campaign: {outcome: money, plan: {name: next, objective: money, holdout: 20%, cost_per_contact: 0.3}}`

// partial runs all steps on line items of which some columns are mapped.
func partial(t *testing.T, columns, steps string) *pipeline.Result {
	t.Helper()
	const customers, lines = 400, 8_000
	header, rows := retailer(t, customers, lines)
	path := write(t, "lines.csv", header, rows)
	people, future := []string{}, []string{}
	var drawn []string
	seen := map[string]bool{}
	for _, row := range rows {
		id := strings.Split(row, ",")[1]
		if id == "" || seen[id] {
			continue
		}
		seen[id] = true
		i := len(people)
		people = append(people, fmt.Sprintf("%s,%d", id, 20+i%50))
		future = append(future, fmt.Sprintf("P%d,%d", i, 20+i%40))
		drawn = append(drawn, fmt.Sprintf("%s,spring,2024-03-01,%s,0.2", id, []string{"treated", "control"}[i%2]))
	}
	job, err := config.Parse("job.yaml", []byte(fmt.Sprintf(`
job: partial
output: %s
inputs:
  transactions:
    - {path: %s, columns: %s}
  customers:
    - {path: %s, columns: {customer: id}, numbers: {age: age}}
  prospects:
    - {path: %s, columns: {prospect: id}, numbers: {age: age}}
  campaigns:
    - {path: %s, columns: {customer: id, campaign: name, time: sent, arm: arm, cost: cost}}
steps: %s
`, t.TempDir(), path, columns, write(t, "people.csv", "id,age", people), write(t, "future.csv", "id,age", future),
		write(t, "drawn.csv", "id,name,sent,arm,cost", drawn), steps)))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(header, "order_id,customer_id,") {
		t.Fatalf("got the header %s, want the customer second", header)
	}
	result, err := pipeline.Run(context.Background(), job, env())
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := modelfile.Read(context.Background(), result.Folder)
	if err != nil {
		t.Fatal(err)
	}
	buyer, _, _ := strings.Cut(people[0], ",")
	if said, err := explain.Explain(context.Background(), job, buyer, time.Now); err != nil || len(said.Why) == 0 {
		t.Errorf("got %+v and %v, want what the models have to say of a customer", said, err)
	} else if priced := strings.Contains(columns, "unit_price"); priced != (said.History.Money != nil) {
		t.Errorf("got the money %v of a customer, with a column of money: %v", said.History.Money, priced)
	}
	job.Output = t.TempDir()
	again, err := pipeline.Score(context.Background(), job, fitted, env())
	if err != nil {
		t.Fatalf("scoring with the models of the run: %v", err)
	}
	for _, s := range stepsTable() {
		for _, c := range s.Columns {
			if s.NewModel != nil && !slices.Equal(Cells(t, result.Folder, c.Name), Cells(t, again.Folder, c.Name)) {
				t.Errorf("%s: got other values by the stored models than in the run", c.Name)
			}
		}
	}
	return result
}

func stepsTable() []*mining.Step { return steps.Table() }

// lists are the columns of lists, which hold no numbers.
var lists = []string{"marks", "antecedent", "reasons"}

// published are the cells of every Parquet file of a run: file → column → values.
func published(t *testing.T, folder string) map[string]map[string][]string {
	t.Helper()
	out := map[string]map[string][]string{}
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".parquet" {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		out[filepath.ToSlash(name)] = map[string][]string{}
		r, err := parquetio.Open(path)
		if err != nil {
			return err
		}
		fields := slices.Clone(r.Fields())
		if err := r.Close(); err != nil {
			return err
		}
		for _, f := range fields {
			if !slices.Contains(lists, f.Name) {
				out[filepath.ToSlash(name)][f.Name] = FileCells(t, path, f.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ofMoney returns the names of the columns that hold money, or what is made of it.
func ofMoney() map[string]bool {
	names := map[string]bool{
		"monetary": true, "m_score": true, "money_share": true, "attainment": true, "portfolio": true, "quadrant": true, "abc_class": true,
		"profit_rank_share": true, "share": true, "rank": true, "return_share": true, "relationship": true, "customer_value": true,
	}
	add := func(columns []mining.Column) {
		for _, c := range columns {
			if c.Money {
				names[c.Name] = true
			}
		}
	}
	for _, s := range stepsTable() {
		add(s.Columns)
		for _, f := range s.Files {
			add(f.Columns)
		}
	}
	delete(names, "cost") // of a campaign: a column of its own files
	delete(names, "discount")
	return names
}

// null wants columns to be absent, or without a value.
func null(t *testing.T, folder string, is func(file, column string) bool) {
	t.Helper()
	for file, columns := range published(t, folder) {
		for name, cells := range columns {
			if !is(file, name) {
				continue
			}
			if at := slices.IndexFunc(cells, func(v string) bool { return v != "" }); at >= 0 {
				t.Errorf("%s: got %s in column %s, want no value: the job does not map what it is made of", file, cells[at], name)
			}
		}
	}
}

// warned wants every step to warn that declares this code.
func warned(t *testing.T, r *pipeline.Result, code string) {
	t.Helper()
	for _, s := range stepsTable() {
		declares := slices.ContainsFunc(s.Warnings, func(d mining.Doc) bool { return d.Name == code })
		if r.Manifest.Steps[s.Name] == nil {
			continue // not asked for
		}
		warns := slices.ContainsFunc(r.Manifest.Warnings, func(w models.Warning) bool { return w.Code == s.Name+"."+code })
		if declares != warns {
			t.Errorf("%s declares the warning %s: %v; gave it: %v", s.Name, code, declares, warns)
		}
	}
}

// withoutFeatures wants no feature that needs these columns, in any file.
func withoutFeatures(t *testing.T, folder string, missing features.Columns) {
	t.Helper()
	needs := map[string]features.Columns{}
	for _, f := range features.Catalogue() {
		needs[f.Name] = f.Needs
	}
	for name := range published(t, folder)["features.parquet"] {
		if needs[name]&missing != 0 {
			t.Errorf("features.parquet has the column %s, which needs %s", name, needs[name]&missing)
		}
	}
	for name := range published(t, folder)["profiles.parquet"] {
		if needs[strings.TrimPrefix(name, "mean_")]&missing != 0 {
			t.Errorf("profiles.parquet has the column %s", name)
		}
	}
}

// moneyless wants no figure of money, however deep.
func moneyless(t *testing.T, at string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if slices.Contains([]string{"money", "current", "previous", "gini", "clv_total", "spend_cut", "gamma_gamma", "rmse_money", "recent_money"}, name) {
				if text, err := json.Marshal(inner); err != nil || strings.ContainsAny(string(text), "0123456789") {
					t.Errorf("%s.%s: got %s, want nothing of money (%v)", at, name, text, err)
				}
			}
			moneyless(t, at+"."+name, inner)
		}
	case []any:
		for _, inner := range v {
			moneyless(t, at, inner)
		}
	}
}

// moneyOnPage finds amounts that page.Amount wrote of 0.
var moneyOnPage = regexp.MustCompile(`(^|[^0-9.])0\.00([^0-9]|$)`)

func TestNoColumnOfMoneyIsNotMoneyOfZero(t *testing.T) {
	columns := ofMoney()
	if len(columns) < 40 {
		t.Fatalf("got %d columns of money over all steps, want at least 40", len(columns))
	}
	for name, mapped := range map[string]string{
		"customer and time": "{customer: customer_id, time: time}",
		"all but money": "{customer: customer_id, time: time, order: order_id, product: product, quantity: quantity, category: category, " +
			"channel: channel, region: region}",
	} {
		t.Run(name, func(t *testing.T) {
			r := partial(t, mapped, unmappedSteps)
			null(t, r.Folder, func(file, column string) bool {
				switch {
				case file == "rules.parquet", file == "recommendations.parquet", file == "targets.parquet", file == "campaigns.parquet" && column == "cost":
					return false
				}
				return columns[column]
			})
			withoutFeatures(t, r.Folder, features.Amount)
			warned(t, r, "no_money")
			if m := r.Manifest; m.Money != nil || !slices.ContainsFunc(m.Warnings, func(w models.Warning) bool { return w.Code == "no_money" }) {
				t.Errorf("got the money %v and the warnings %v, want none and a warning no_money", m.Money, m.Warnings)
			}
			var figures any
			if text, err := json.Marshal(r.Manifest.Steps); err != nil || json.Unmarshal(text, &figures) != nil {
				t.Fatal(err)
			}
			moneyless(t, "steps", figures)
			report, err := os.ReadFile(filepath.Join(r.Folder, "report.html"))
			if err != nil {
				t.Fatal(err)
			}
			if at := moneyOnPage.FindIndex(report); at != nil {
				t.Errorf("the report shows an amount of 0: …%s…", report[max(0, at[0]-200):min(len(report), at[1]+50)])
			}
			if got := Cells(t, r.Folder, "rfm_segment"); !slices.Contains(got, "champions") {
				t.Errorf("got no champions, want segments of recency and frequency as ever")
			}
			if got := Cells(t, r.Folder, "segment"); !slices.Contains(got, "1") {
				t.Errorf("got no natural groups, want those by recency and frequency")
			}
		})
	}
}

func TestASegmentMapOfMoneyNamesNobodyWithoutMoney(t *testing.T) {
	r := partial(t, "{customer: customer_id, time: time}", `
  rfm: {bins: 2, map: {version: by-money, rules: [{name: low, m: [1, 1]}, {name: high, m: [2, 2]}]}}`)
	null(t, r.Folder, func(_, column string) bool { return column == "rfm_segment" || column == "m_score" })
	warned(t, r, "no_money")
	if got := Cells(t, r.Folder, "f_score"); !slices.Contains(got, "2") {
		t.Error("got no frequency score of 2, want scores of frequency as ever")
	}
}

func TestNoColumnOfQuantityIsNotAQuantityOfOne(t *testing.T) {
	r := partial(t, "{customer: customer_id, time: time, order: order_id, product: product, unit_price: unit_price, category: category, region: region}",
		unmappedSteps)
	null(t, r.Folder, func(_, column string) bool { return column == "units" })
	withoutFeatures(t, r.Folder, features.Units)
	warned(t, r, "no_quantity")
	for _, series := range published(t, r.Folder)["forecast.parquet"]["series"] {
		if strings.HasSuffix(series, ":units") {
			t.Fatalf("got the forecast %s, want none of units", series)
		}
	}
}

func TestNoColumnOfProductsIsNotAProductOfNone(t *testing.T) {
	r := partial(t, "{customer: customer_id, time: time, order: order_id, quantity: quantity, unit_price: unit_price}", unmappedSteps)
	withoutFeatures(t, r.Folder, features.Product)
	warned(t, r, "no_products")
	if r.Manifest.Products != nil {
		t.Errorf("got %d products, want none to be counted", *r.Manifest.Products)
	}
	for file := range published(t, r.Folder) {
		if strings.HasPrefix(file, "performance/product") {
			t.Errorf("got %s, want no file of products", file)
		}
	}
}
