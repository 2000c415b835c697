package neighbour

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets/realdata"
)

// sale is one line of the clean Online Retail data.
type sale struct {
	customer, code, order string
	day                   int // since 2010-12-01
}

// sales returns the clean lines, which are read once: with a customer, not cancelled, quantity
// and price above 0.
func sales(t testing.TB) ([]sale, error) {
	t.Helper()
	path := realdata.Path(t, "online-retail/online-retail.csv.gz")
	clean.Do(func() { clean.lines, clean.err = readSales(path) })
	return clean.lines, clean.err
}

// clean are the lines once they have been read.
var clean struct {
	sync.Once
	lines []sale
	err   error
}

func readSales(path string) ([]sale, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(z)
	r.ReuseRecord = true
	if _, err := r.Read(); err != nil {
		return nil, err
	}
	var out []sale
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		quantity, err1 := strconv.Atoi(row[3])
		price, err2 := strconv.ParseFloat(row[5], 64)
		at, err3 := time.Parse("1/2/2006 15:04", row[4])
		if err := errors.Join(err1, err2, err3); err != nil {
			return nil, err
		}
		if row[6] != "" && !strings.HasPrefix(row[0], "C") && quantity > 0 && price > 0 {
			out = append(out, sale{strings.Clone(row[6]), strings.Clone(row[1]), strings.Clone(row[0]), dayOf(at)})
		}
	}
}

func dayOf(at time.Time) int {
	return int(at.Sub(time.Date(2010, 12, 1, 0, 0, 0, 0, time.UTC)).Hours() / 24)
}

// split is the history cut at a day: what is known, and what was then bought.
type split struct {
	day          int
	held         Rows // of every customer, ordered by id
	truth        [][]uint32
	ever, recent []uint32   // customers by item
	rhythms      [][]Rhythm // beside the items of each row
}

// splitAt cuts the data: train before day, test from day to end (excluded).
func splitAt(t testing.TB, day, end string) split {
	t.Helper()
	lines, err := sales(t)
	if err != nil {
		t.Fatal(err)
	}
	cut, stop := dayNumber(t, day), dayNumber(t, end)
	codes := map[string]uint32{}
	names := []string{}
	for _, l := range lines {
		if l.day < stop {
			names = append(names, l.code)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for i, name := range names {
		codes[name] = uint32(i)
	}
	type bought struct {
		orders map[string]int // day by order
	}
	history := map[string]map[uint32]*bought{}
	later := map[string]map[uint32]bool{}
	s := split{day: cut, held: Rows{ItemCount: len(names)}, ever: make([]uint32, len(names)), recent: make([]uint32, len(names))}
	for _, l := range lines {
		item := codes[l.code]
		switch {
		case l.day < cut:
			if history[l.customer] == nil {
				history[l.customer] = map[uint32]*bought{}
			}
			b := history[l.customer][item]
			if b == nil {
				b = &bought{map[string]int{}}
				history[l.customer][item] = b
			}
			b.orders[l.order] = l.day
		case l.day < stop:
			if later[l.customer] == nil {
				later[l.customer] = map[uint32]bool{}
			}
			later[l.customer][item] = true
		}
	}
	customers := []string{}
	for c := range history {
		customers = append(customers, c)
	}
	slices.Sort(customers)
	for _, c := range customers {
		items := []uint32{}
		for item := range history[c] {
			items = append(items, item)
		}
		slices.Sort(items)
		s.held.Add(items)
		var rhythms []Rhythm
		for _, item := range items {
			days := []int{}
			for _, day := range history[c][item].orders {
				days = append(days, day)
			}
			first, last := slices.Min(days), slices.Max(days)
			r := Rhythm{Times: len(days), Since: float64(cut - last)}
			if r.Times > 1 {
				r.MeanGap = float64(last-first) / float64(r.Times-1)
			}
			rhythms = append(rhythms, r)
			s.ever[item]++
			if last >= cut-30 {
				s.recent[item]++
			}
		}
		s.rhythms = append(s.rhythms, rhythms)
		truth := []uint32{}
		for item := range later[c] {
			truth = append(truth, item)
		}
		slices.Sort(truth)
		s.truth = append(s.truth, truth)
	}
	return s
}

func dayNumber(t testing.TB, day string) int {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return dayOf(at)
}

// fresh returns the truths without what each row holds.
func (s split) fresh() [][]uint32 {
	out := make([][]uint32, len(s.truth))
	for i, truth := range s.truth {
		for _, item := range truth {
			if _, held := slices.BinarySearch(s.held.Row(i), item); !held {
				out[i] = append(out[i], item)
			}
		}
	}
	return out
}
