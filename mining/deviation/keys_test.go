package deviation_test

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/mining/deviation"
	"github.com/quintile-dev/quintile/mining/stepcheck"
	"github.com/quintile-dev/quintile/models/metric"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// Departures of Online Retail on 2011-11-30: the number of customers and the usual change as
// scikit-learn 1.9 finds them with the same definitions, which starts from other subsets.
func TestDeparturesOfOnlineRetail(t *testing.T) {
	r := stepcheck.OnlineRetail(t, "2011-11-30", stepcheck.CleanRetail, "{deviation: {}}")
	got := r.Manifest.Steps["deviation"]
	t.Logf("%v", got)
	if fmt.Sprint(got["compared"]) != "961" || fmt.Sprint(got["days"]) != "297" {
		t.Errorf("got %v customers compared and %v days, want 961 and 297", got["compared"], got["days"])
	}
	if n, _ := strconv.Atoi(fmt.Sprint(got["flagged"])); n < 285 || n > 305 {
		t.Errorf("got %v flagged, want about 295", got["flagged"])
	}
	usual := got["usual_change"].(map[string]any)
	for name, want := range map[string]float64{"money": 0.8151, "days": 0.1648, "codes": 0.4494} {
		if v := usual[name].(float64); math.Abs(v-want) > 0.02 {
			t.Errorf("%s: got the usual change %v, want about %v", name, v, want)
		}
	}
	scored := 0
	for _, text := range stepcheck.Cells(t, r.Folder, "deviation_score") {
		if text != "" {
			scored++
		}
	}
	if scored != 961 {
		t.Errorf("got %d customers with a score, want 961", scored)
	}
}

// The window in which departures are planted.
var (
	windowFirst = time.Date(2011, 10, 2, 0, 0, 0, 0, time.UTC)
	windowLast  = time.Date(2011, 11, 30, 0, 0, 0, 0, time.UTC)
)

const stamp = "1/2/2006 15:04"

// sale is a clean line of Online Retail up to the window's end.
type sale struct {
	row      []string
	day      time.Time
	quantity int
	price    float64
}

// readSales returns the clean lines with a customer, and the head of the file.
func readSales(t *testing.T) (head []string, sales []sale) {
	t.Helper()
	f, err := os.Open(stepcheck.RealData(t, "online-retail/online-retail.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows := csv.NewReader(unzipped)
	if head, err = rows.Read(); err != nil {
		t.Fatal(err)
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return head, sales
		}
		if err != nil {
			t.Fatal(err)
		}
		quantity, _ := strconv.Atoi(row[3])
		price, _ := strconv.ParseFloat(row[5], 64)
		moment, err := time.Parse(stamp, row[4])
		if err != nil {
			t.Fatal(err)
		}
		day := moment.Truncate(24 * time.Hour)
		if row[6] == "" || row[0][0] == 'C' || quantity <= 0 || price <= 0 || day.After(windowLast) {
			continue
		}
		sales = append(sales, sale{row, day, quantity, price})
	}
}

// plant writes the lines with departures planted by hash, and returns who is eligible and
// whether a departure was planted.
func plant(t *testing.T, path string, factor int) map[string]bool {
	t.Helper()
	head, sales := readSales(t)
	before, within := map[string]map[time.Time]bool{}, map[string]bool{}
	for _, s := range sales {
		id := s.row[6]
		if !s.day.Before(windowFirst) {
			within[id] = true
			continue
		}
		if before[id] == nil {
			before[id] = map[time.Time]bool{}
		}
		before[id][s.day] = true
	}
	truth := map[string]bool{}
	for id, days := range before {
		if len(days) >= 4 && within[id] {
			truth[id] = sha256.Sum256([]byte("plant" + id))[0] < 13
		}
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(f)
	write := func(row []string) {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	write(head)
	for _, s := range sales {
		kind := sha256.Sum256([]byte("plant" + s.row[6]))[1] % 3
		switch {
		case !truth[s.row[6]] || s.day.Before(windowFirst):
			write(s.row)
		case kind == 0:
			row := slices.Clone(s.row)
			row[3] = strconv.Itoa(s.quantity * factor)
			write(row)
		case kind == 2:
			write(s.row)
			moment, _ := time.Parse(stamp, s.row[4])
			for k := 1; k < factor; k++ {
				row := slices.Clone(s.row)
				row[0] += "-" + strconv.Itoa(k)
				shift := min(k, int(windowLast.Sub(s.day).Hours())/24)
				row[4] = moment.AddDate(0, 0, shift).Format(stamp)
				write(row)
			}
		}
	}
	w.Flush()
	if err := errors.Join(w.Error(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return truth
}

// Planted departures are found by a whole job. The bars are those of the keys, although the
// job scores silent customers as well: 214 of its 961 customers bought nothing in the window.
func TestPlantedDeparturesOfCustomersAreFound(t *testing.T) {
	stepcheck.RealData(t, "online-retail/online-retail.csv.gz")
	for _, key := range []struct {
		factor int
		auc    float64
	}{{3, 0.904173}, {8, 0.978571}} {
		path := filepath.Join(t.TempDir(), "planted.csv")
		truth := plant(t, path, key.factor)
		r := runPlanted(t, path)
		ids, scores := stepcheck.Cells(t, r.Folder, "customer"), stepcheck.Cells(t, r.Folder, "deviation_score")
		reasons := stepcheck.Cells(t, r.Folder, "deviation_reason")
		var score, label []float64
		planted, found := 0, 0
		for i, id := range ids {
			is, eligible := truth[id]
			if !eligible {
				continue
			}
			v, err := strconv.ParseFloat(scores[i], 64)
			if err != nil {
				t.Fatalf("factor %d: an eligible customer has the score %q, want a number", key.factor, scores[i])
			}
			score, label = append(score, v), append(label, 0)
			if is {
				label[len(label)-1] = 1
				planted++
				if reasons[i] != "" {
					found++
				}
			}
		}
		auc, err := metric.ROCAUC(score, label, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("factor %d: AUC %.6f, %d of %d planted are flagged, %v in all", key.factor, auc, found, planted, r.Manifest.Steps["deviation"]["flagged"])
		if len(score) != 747 || planted != 40 {
			t.Errorf("got %d eligible customers and %d planted, want 747 and 40", len(score), planted)
		}
		if auc < key.auc-0.001 {
			t.Errorf("factor %d: got AUC %.6f, want at least %.6f", key.factor, auc, key.auc)
		}
	}
}

func runPlanted(t *testing.T, path string) *pipeline.Result {
	t.Helper()
	job, err := config.Parse("job.yaml", []byte(fmt.Sprintf(`
job: planted
as_of: 2011-11-30
output: %s
inputs:
  transactions:
    - path: %s
      columns: {order: InvoiceNo, product: StockCode, quantity: Quantity, time: InvoiceDate, unit_price: UnitPrice, customer: CustomerID, region: Country}
      time_format: "%%m/%%d/%%Y %%H:%%M"
steps: {deviation: {}}
`, t.TempDir(), path)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := pipeline.Run(context.Background(), job, pipeline.Env{Now: func() time.Time { return time.Unix(0, 0) }, Version: "check"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Days doubled or cut to 0.4 by hash are ranked as the keys say.
func TestPlantedDaysAreFoundAsTheKeysSay(t *testing.T) {
	_, sales := readSales(t)
	first := time.Date(2010, 12, 1, 0, 0, 0, 0, time.UTC)
	at := func(day time.Time) int { return int(day.Sub(first).Hours()) / 24 }
	y := make([]float64, at(windowLast)+1)
	for _, s := range sales {
		y[at(s.day)] += float64(s.quantity) * s.price
	}
	var trading []int
	for i, v := range y {
		if v > 0 {
			trading = append(trading, i)
		}
	}
	truth := map[int]bool{}
	for k, i := range trading {
		h := sha256.Sum256([]byte("plant" + first.AddDate(0, 0, i).Format(time.DateOnly)))
		if k < 15 || k >= len(trading)-5 || h[0] >= 10 {
			continue
		}
		truth[i] = true
		if h[1]%2 == 0 {
			y[i] *= 2
		} else {
			y[i] *= 0.4
		}
	}
	p := deviation.DayPValues(y, func(at int) int { return int(first.AddDate(0, 0, at).Weekday()) })
	var score, label []float64
	for _, i := range trading {
		score, label = append(score, -p[i]), append(label, 0)
		if truth[i] {
			label[len(label)-1] = 1
		}
	}
	auc, err1 := metric.ROCAUC(score, label, nil)
	precision, err2 := metric.AveragePrecision(score, label, nil)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if len(score) != 297 || len(truth) != 16 || math.Abs(auc-0.896797) > 5e-7 || math.Abs(precision-0.501815) > 5e-7 {
		t.Errorf("got %d days, %d planted, AUC %.6f, average precision %.6f; want 297, 16, 0.896797, 0.501815", len(score), len(truth), auc, precision)
	}
}
