package itemset

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/quintile-dev/quintile/datasets/realdata"
)

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
	lines := bufio.NewScanner(realdata.Open(t, "groceries/groceries.csv"))
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
	lines := bufio.NewScanner(realdata.Open(t, "fimi/retail.dat.gz"))
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
	in := realdata.Open(t, "online-retail/online-retail.csv.gz")
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
