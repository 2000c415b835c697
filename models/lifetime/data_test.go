package lifetime

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets/realdata"
)

// purchase is the money of one line on one day.
type purchase struct {
	id    string
	day   int
	money float64
}

func dayOf(t *testing.T, layout, text string) int {
	t.Helper()
	when, err := time.Parse(layout, text)
	if err != nil {
		t.Fatal(err)
	}
	return int(when.Unix() / 86400)
}

func parse(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func readPurchases(t *testing.T, set string) []purchase {
	t.Helper()
	switch set {
	case "cdnow_sample":
		return readCDNOW(t, "cdnow/CDNOW_sample.txt", 2)
	case "cdnow_master":
		return readCDNOW(t, "cdnow/CDNOW_master.txt", 1)
	case "apparel":
		return readCSV(t, "apparel/apparelTrans.csv", func(row []string) (purchase, bool) {
			return purchase{row[0], dayOf(t, "2006-01-02", row[1]), parse(t, row[2])}, true
		})
	}
	return readCSV(t, "online-retail/online-retail.csv.gz", func(row []string) (purchase, bool) {
		quantity, price := parse(t, row[3]), parse(t, row[5])
		if row[6] == "" || strings.HasPrefix(row[0], "C") || quantity <= 0 || price <= 0 {
			return purchase{}, false
		}
		return purchase{row[6], dayOf(t, "1/2/2006 15:04", row[4]), quantity * price}, true
	})
}

func readCDNOW(t *testing.T, name string, dateColumn int) []purchase {
	t.Helper()
	var out []purchase
	lines := bufio.NewScanner(realdata.Open(t, name))
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		id := strings.TrimLeft(f[0], "0")
		out = append(out, purchase{id, dayOf(t, "20060102", f[dateColumn]), parse(t, f[dateColumn+2])})
	}
	return out
}

func readCSV(t *testing.T, name string, row func([]string) (purchase, bool)) []purchase {
	t.Helper()
	r := csv.NewReader(realdata.Open(t, name))
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []purchase
	for _, fields := range rows[1:] {
		if p, ok := row(fields); ok {
			out = append(out, p)
		}
	}
	return out
}

// histories are customers with their ids and the mean money of their repeat
// purchase days, ordered by first occurrence in the sorted purchases.
type histories struct {
	Customers
	id   []string
	mean []float64
}

// observe summarises purchases up to the day end, in weeks.
func observe(purchases []purchase, end int) histories {
	sorted := slices.Clone(purchases)
	slices.SortStableFunc(sorted, func(a, b purchase) int {
		if a.id != b.id {
			return strings.Compare(a.id, b.id)
		}
		return a.day - b.day
	})
	var h histories
	for i := 0; i < len(sorted); {
		first, last, days, repeated := sorted[i].day, sorted[i].day, 1, 0.0
		j := i
		for ; j < len(sorted) && sorted[j].id == sorted[i].id; j++ {
			p := sorted[j]
			if p.day > end {
				continue
			}
			if p.day != last {
				last = p.day
				days++
			}
			if p.day != first {
				repeated += p.money
			}
		}
		if first <= end {
			h.id = append(h.id, sorted[i].id)
			h.X = append(h.X, float64(days-1))
			h.Tx = append(h.Tx, float64(last-first)/7)
			h.T = append(h.T, float64(end-first)/7)
			h.mean = append(h.mean, repeated/max(1, float64(days-1)))
		}
		i = j
	}
	return h
}

// key is what is known of one data set.
type key struct {
	Name         string
	End          string
	HoldoutWeeks float64 `json:"holdout_weeks"`
	N            int
	Repeaters    int
	Purchases    float64
	Fits         map[string]keyFit
	Customers    []struct {
		ID     string
		Row    []float64 // x, tₓ, T, m
		Mean   float64   // E[M]
		BG     []float64 `json:"bg_nbd"` // P(alive), E[X(52.178571)], CLV
		MBG    []float64 `json:"mbg_nbd"`
		Pareto []float64 `json:"pareto_nbd"`
	}
}

type keyFit struct {
	Parameters    []float64
	LogLikelihood float64   `json:"log_likelihood"`
	StdErrors     []float64 `json:"std_errors"`
	HoldoutByX    []float64 `json:"holdout_by_x"`
	MeanAlive     float64   `json:"mean_alive"`
	MeanAny       float64   `json:"mean_any"`
	TotalCLV      float64   `json:"total_clv"`
	Rows          int
	Mean          float64
}

func loadKeys(t *testing.T) []key {
	t.Helper()
	b, err := os.ReadFile("testdata/reference/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var keys []key
	if err := json.Unmarshal(b, &keys); err != nil {
		t.Fatal(err)
	}
	return keys
}
