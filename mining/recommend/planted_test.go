package recommend_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
)

const (
	pairs = 12
	// daily is the probability of a second product on a day: ½ in 30 days.
	daily = 0.022840 // 1 − 2^(−1/30)
)

// planted writes line items in which half of those who hold a product first_k alone buy
// second_k within the next 30 days. Customers come with the first product, on any of 180
// days, and then buy milk every ten days. With tea, half of the customers live on tea as well,
// and the other half never buy any.
func planted(seed uint64, tea bool) string {
	rng := rand.New(rand.NewPCG(seed, 0))
	var b strings.Builder
	b.WriteString("customer,day,order,product,category\n")
	order := 0
	buy := func(customer, day int, product, category string) {
		order++
		fmt.Fprintf(&b, "c%04d,%s,%d,%s,%s\n", customer, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, day).Format(time.DateOnly), order, product, category)
	}
	for c := range 80 * pairs {
		k := c % pairs
		first := rng.IntN(180)
		buy(c, first, fmt.Sprintf("first_%02d", k), "shelf")
		for day := first + 1; day < 180; day++ {
			if rng.Float64() < daily {
				buy(c, day, fmt.Sprintf("second_%02d", k), "shelf")
				break
			}
		}
		for day := first + rng.IntN(10); day < 180; day += 10 {
			buy(c, day, "milk", "dairy")
		}
		if tea && c%2 == 0 {
			for day := first + rng.IntN(20); day < 180; day += 20 {
				buy(c, day, "tea", "hot")
			}
		}
	}
	return b.String()
}

func plantedJob(t *testing.T, steps string, tea bool) config.Job {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lines.csv")
	if err := os.WriteFile(path, []byte(planted(5, tea)), 0o600); err != nil {
		t.Fatal(err)
	}
	job, err := config.Parse("job.yaml", []byte(fmt.Sprintf(`
job: planted
as_of: 2024-06-28
output: %s
inputs:
  transactions:
    - path: %s
      columns: {customer: customer, time: day, order: order, product: product, category: category}
steps: %s
`, t.TempDir(), path, steps)))
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func env() pipeline.Env {
	return pipeline.Env{Now: func() time.Time { return time.Unix(0, 0) }, Version: "check"}
}

// rows reads columns of a table as texts.
func rows(t *testing.T, folder, name string, columns ...string) [][]string {
	t.Helper()
	r, err := parquetio.Open(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	var at []int
	for _, column := range columns {
		at = append(at, slices.IndexFunc(r.Fields(), func(f datasets.Field) bool { return f.Name == column }))
	}
	if err := r.Select(at); err != nil {
		t.Fatal(err)
	}
	var out [][]string
	var frame datasets.Frame
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		err = part.Each(&frame, func() error {
			for i := range frame.Rows {
				row := make([]string, len(columns))
				for k := range columns {
					row[k] = cell(&frame.Columns[k], i)
				}
				out = append(out, row)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func cell(c *datasets.Column, i int) string {
	switch {
	case c.Valid != nil && !c.Valid.Get(i):
		return ""
	case c.Codes != nil:
		return string(c.Dict.At(int(c.Codes[i])))
	case c.Ints != nil:
		return fmt.Sprint(c.Ints[i])
	case c.Floats != nil:
		return fmt.Sprint(c.Floats[i])
	}
	return string(c.Texts.At(i))
}

func number(t *testing.T, text string) (v float64) {
	t.Helper()
	if _, err := fmt.Sscan(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPlantedTasteIsFound(t *testing.T) {
	result, err := pipeline.Run(context.Background(), plantedJob(t, "{recommend: {top: 3}}", false), env())
	if err != nil {
		t.Fatal(err)
	}
	if state := result.Manifest.Steps["recommend"]["state"]; state != "ok" {
		t.Errorf("got the state %v, want ok", state)
	}
	milk, seconds, sum := 0, 0, 0.0
	for _, row := range rows(t, result.Folder, "recommendations.parquet", "rank", "product", "kind", "score", "reason") {
		if row[1] == "milk" && strings.Contains(row[4], "every 10 days") {
			milk++
			if row[0] != "1" || row[2] != "repeat" || number(t, row[3]) < 0.8 {
				t.Errorf("got %v, want milk first, nearly certain", row)
			}
		}
		if strings.HasPrefix(row[1], "second") && row[2] == "new" && strings.Contains(row[4], "first_"+row[1][7:]) {
			seconds++
			sum += number(t, row[3])
		}
	}
	// Of 180 days the first product is 30/ln 2 days alone: 24 % of the customers wait.
	mean := sum / float64(seconds)
	t.Logf("milk on %d lists; the second product new on %d, with a mean probability of %.3f", milk, seconds, mean)
	if milk < 70*pairs || seconds < 180 || seconds > 280 {
		t.Errorf("got milk on %d lists and second products on %d, want more than %d and about 230", milk, seconds, 70*pairs)
	}
	// One curve serves all new products, milk for newcomers among them: within a factor of two
	// of the planted half. Over whole lists the probabilities add up to what is bought.
	if !(mean > 0.25 && mean < 0.75) {
		t.Errorf("got a mean probability of %.3f, want about ½", mean)
	}
	sums := result.Manifest.Steps["recommend"]["expected_10"].(map[string]any)
	expected, observed := sums["expected"].(float64), sums["observed"].(float64)
	if t.Logf("expected %.3f, observed %.3f", expected, observed); math.Abs(expected/observed-1) > 0.1 {
		t.Errorf("got %.3f products expected and %.3f observed, want them alike", expected, observed)
	}
}

func TestOnlyNewProductsAreOfferedWithoutRepeats(t *testing.T) {
	result, err := pipeline.Run(context.Background(), plantedJob(t, "{recommend: {repeats: false, exclude: [{prefix: second_0}]}}", false), env())
	if err != nil {
		t.Fatal(err)
	}
	figures := result.Manifest.Steps["recommend"]
	if _, found := figures["hit_rate_10"].(map[string]any)["all"]; found {
		t.Error("got a hit rate of all products, want that of new ones alone")
	}
	for _, row := range rows(t, result.Folder, "recommendations.parquet", "product", "kind") {
		if row[1] != "new" || strings.HasPrefix(row[0], "second_0") {
			t.Fatalf("got %v, want new products that are not excluded", row)
		}
	}
}

func TestPropensityTellsWhoBuysWhat(t *testing.T) {
	job := plantedJob(t, "{recommend: {}}", true)
	result, err := pipeline.Run(context.Background(), job, env())
	if err != nil {
		t.Fatal(err)
	}
	probs := rows(t, result.Folder, "propensity.parquet", "customer", "category", "prob")
	if len(probs) != 3*80*pairs {
		t.Errorf("got %d rows, want three categories for each customer", len(probs))
	}
	wrong := 0
	for _, row := range probs {
		likely, drinks := number(t, row[2]) > 0.5, (row[0][4]-'0')%2 == 0
		if row[1] == "hot" && likely != drinks || row[1] == "dairy" && !likely {
			wrong++
		}
	}
	if wrong > 80*pairs/12 { // those who came in the last days have not bought any tea yet
		t.Errorf("got %d customers wrong of %d, want tea for those of even numbers, and milk for all", wrong, 80*pairs)
	}
	models, err := modelfile.Read(context.Background(), result.Folder)
	if err != nil {
		t.Fatal(err)
	}
	job.Output = t.TempDir()
	again, err := pipeline.Score(context.Background(), job, models, env())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"propensity.parquet", "recommendations.parquet"} {
		got, err1 := os.ReadFile(filepath.Join(again.Folder, name))
		want, err2 := os.ReadFile(filepath.Join(result.Folder, name))
		if err := errors.Join(err1, err2); err != nil || string(got) != string(want) {
			t.Errorf("%s: got other bytes from the stored model than in the run (%v)", name, err)
		}
	}
}
