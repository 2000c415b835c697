package models_test

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets/realdata"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/metric"
	"github.com/quintile-dev/quintile/models/outlier"
)

// line is one line of a sale, days counted from 2010-12-01.
type line struct {
	day   int
	code  string
	money float64
}

// The window of 60 days in which customers are made to depart.
var (
	historyStart = time.Date(2010, 12, 1, 0, 0, 0, 0, time.UTC)
	windowFirst  = int(time.Date(2011, 10, 2, 0, 0, 0, 0, time.UTC).Sub(historyStart).Hours() / 24)
)

const windowDays = 60

// readSales returns the clean lines of Online Retail up to the window's end, by
// customer.
func readSales(t *testing.T) map[string][]line {
	t.Helper()
	f, err := os.Open(realdata.Path(t, "online-retail/online-retail.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows := csv.NewReader(unzipped)
	if _, err := rows.Read(); err != nil {
		t.Fatal(err)
	}
	sales := map[string][]line{}
	for {
		// InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
		row, err := rows.Read()
		if err == io.EOF {
			return sales
		}
		if err != nil {
			t.Fatal(err)
		}
		quantity, _ := strconv.ParseFloat(row[3], 64)
		price, _ := strconv.ParseFloat(row[5], 64)
		moment, err := time.Parse("1/2/2006 15:04", row[4])
		if err != nil {
			t.Fatal(err)
		}
		day := int(moment.Sub(historyStart).Hours() / 24)
		if row[6] == "" || row[0][0] == 'C' || quantity <= 0 || price <= 0 || day >= windowFirst+windowDays {
			continue
		}
		sales[row[6]] = append(sales[row[6]], line{day, row[1], quantity * price})
	}
}

// sums returns log1p of money, days and codes of the lines in the 60 days from first.
func sums(lines []line, first int) [3]float64 {
	money, days, codes := 0.0, map[int]bool{}, map[string]bool{}
	for _, l := range lines {
		if l.day >= first && l.day < first+windowDays {
			money += l.money
			days[l.day], codes[l.code] = true, true
		}
	}
	return [3]float64{math.Log1p(money), math.Log1p(float64(len(days))), math.Log1p(float64(len(codes)))}
}

// changes returns the window's quantities less their mean over the past windows.
func changes(lines []line) [3]float64 {
	firstDay := lines[0].day
	for _, l := range lines {
		firstDay = min(firstDay, l.day)
	}
	now := sums(lines, windowFirst)
	var past [3]float64
	count := 0
	for k := 1; k <= 5 && (k == 1 || windowFirst-k*windowDays >= firstDay); k++ {
		for q, v := range sums(lines, windowFirst-k*windowDays) {
			past[q] += v
		}
		count++
	}
	for q := range now {
		now[q] -= past[q] / float64(count)
	}
	return now
}

// plant makes a customer depart by a factor: more money, silence, or a burst of
// further orders.
func plant(lines []line, kind byte, factor int) []line {
	var out []line
	for _, l := range lines {
		if l.day < windowFirst {
			out = append(out, l)
			continue
		}
		switch kind {
		case 0:
			out = append(out, line{l.day, l.code, l.money * float64(factor)})
		case 2:
			for k := range factor {
				out = append(out, line{min(l.day+k, windowFirst+windowDays-1), l.code, l.money})
			}
		}
	}
	return out
}

// planted returns the changes of the eligible customers, and who was made to depart.
func planted(sales map[string][]line, salt string, factor int) (x models.Matrix, truth []float64) {
	customers := make([]string, 0, len(sales))
	for id := range sales {
		customers = append(customers, id)
	}
	slices.Sort(customers)
	x.Cols = make([][]float32, 3)
	for _, id := range customers {
		before, within := map[int]bool{}, false
		for _, l := range sales[id] {
			if l.day < windowFirst {
				before[l.day] = true
			} else {
				within = true
			}
		}
		if len(before) < 4 || !within {
			continue
		}
		lines := sales[id]
		h := sha256.Sum256([]byte(salt + id))
		is := 0.0
		if h[0] < 13 {
			lines, is = plant(lines, h[1]%3, factor), 1
		}
		truth = append(truth, is)
		for q, v := range changes(lines) {
			x.Cols[q] = append(x.Cols[q], float32(v))
		}
	}
	return x, truth
}

func TestCovarianceFindsPlantedDeparturesAsTheKeysSay(t *testing.T) {
	sales := readSales(t)
	for _, key := range []struct {
		factor         int
		auc, precision float64 // of the first salt
		mean           float64 // AUC over six salts
	}{{3, 0.904173, 0.492760, 0.913105}, {8, 0.978571, 0.763744, 0.984861}} {
		mean := 0.0
		for _, salt := range []string{"plant", "plant-1", "plant-2", "plant-3", "plant-4", "plant-5"} {
			x, truth := planted(sales, salt, key.factor)
			m, _, err := outlier.DefaultMCD().Fit(context.Background(), x)
			if err != nil {
				t.Fatal(err)
			}
			distance := make([]float64, len(truth))
			if err := m.ScoreTo(distance, x); err != nil {
				t.Fatal(err)
			}
			auc, err := metric.ROCAUC(distance, truth, nil)
			if err != nil {
				t.Fatal(err)
			}
			mean += auc / 6
			if salt != "plant" {
				continue
			}
			count := 0.0
			for _, v := range truth {
				count += v
			}
			if len(truth) != 747 || count != 40 {
				t.Errorf("got %d customers, %v of them planted, want 747 and 40", len(truth), count)
			}
			precision, err := metric.AveragePrecision(distance, truth, nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("factor %d: AUC %.6f, average precision %.6f", key.factor, auc, precision)
			// Bars, not exact figures: the search behind the keys is another one.
			if auc < key.auc-0.001 || precision < key.precision-0.01 {
				t.Errorf("factor %d: got AUC %.6f and average precision %.6f, want at least %.6f and %.6f", key.factor, auc, precision, key.auc, key.precision)
			}
		}
		t.Logf("factor %d: AUC over six salts %.6f", key.factor, mean)
		if mean < key.mean-0.001 {
			t.Errorf("factor %d: got the mean AUC %.6f, want at least %.6f", key.factor, mean, key.mean)
		}
	}
}
