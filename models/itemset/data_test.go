package itemset

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// sharedData opens a file of the shared data folder, beside the repository, or
// skips the test where it is absent.
func sharedData(t testing.TB, path ...string) io.Reader {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	name := filepath.Join(append([]string{dir, "..", "shared", "data"}, path...)...)
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("shared data not found: %s", filepath.Join(path...))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if !strings.HasSuffix(name, ".gz") {
		return f
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// named is baskets of named items.
type named struct {
	Baskets
	names []string
}

// encoder gives names their codes, in order of appearance.
type encoder struct {
	build Builder
	code  map[string]uint32
	names []string
}

func (e *encoder) add(basket []string) {
	if e.code == nil {
		e.code = map[string]uint32{}
	}
	var codes []uint32
	for _, name := range basket {
		c, ok := e.code[name]
		if !ok {
			c = uint32(len(e.names))
			e.code[name] = c
			e.names = append(e.names, name)
		}
		codes = append(codes, c)
	}
	e.build.Add(codes)
}

func (e *encoder) baskets() named { return named{e.build.Baskets(), e.names} }

func groceries(t testing.TB) named {
	var e encoder
	lines := bufio.NewScanner(sharedData(t, "groceries", "groceries.csv"))
	for lines.Scan() {
		e.add(strings.Split(lines.Text(), ","))
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
	return e.baskets()
}

func retail(t testing.TB) named {
	var e encoder
	lines := bufio.NewScanner(sharedData(t, "fimi", "retail.dat.gz"))
	for lines.Scan() {
		e.add(strings.Fields(lines.Text()))
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
	return e.baskets()
}

// The file of invoices takes half a second to read: once for all tests.
var (
	onlineBaskets named
	errOnline     error
	onlineOnce    sync.Once
)

// onlineRetail returns the clean invoices: with a customer, no cancellations,
// positive quantities and prices.
func onlineRetail(t testing.TB) named {
	in := sharedData(t, "online-retail", "online-retail.csv.gz")
	onlineOnce.Do(func() { onlineBaskets, errOnline = readOnline(in) })
	if errOnline != nil {
		t.Fatal(errOnline)
	}
	return onlineBaskets
}

func readOnline(in io.Reader) (named, error) {
	const invoice, stock, quantity, price, customer = 0, 1, 3, 5, 6
	rows := csv.NewReader(in)
	rows.ReuseRecord = true
	if _, err := rows.Read(); err != nil {
		return named{}, err
	}
	baskets := map[string][]string{}
	var order []string
	for {
		row, err := rows.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return named{}, err
		}
		q, errQ := strconv.Atoi(row[quantity])
		p, errP := strconv.ParseFloat(row[price], 64)
		if err := errors.Join(errQ, errP); err != nil {
			return named{}, err
		}
		if row[customer] == "" || strings.HasPrefix(row[invoice], "C") || q <= 0 || p <= 0 {
			continue
		}
		key := strings.Clone(row[invoice])
		if _, ok := baskets[key]; !ok {
			order = append(order, key)
		}
		baskets[key] = append(baskets[key], strings.Clone(row[stock]))
	}
	var e encoder
	for _, key := range order {
		e.add(baskets[key])
	}
	return e.baskets(), nil
}

func (n named) of(codes []uint32) []string {
	var names []string
	for _, c := range codes {
		names = append(names, n.names[c])
	}
	slices.Sort(names)
	return names
}
