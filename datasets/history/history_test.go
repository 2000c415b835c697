package history

import (
	"cmp"
	"context"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/spill"
)

// line is one line item of the tests, as plain as can be.
type line struct {
	customer, order, product, region string
	time                             datasets.Moment
	quantity                         datasets.Quantity
	amount, cost                     datasets.Money
	returned                         bool
	brand, payment                   string // further dimensions
}

// testColumns are the optional columns that the lines of the tests have.
func testColumns() datasets.Columns {
	c := datasets.Columns{Order: true, Cost: true}
	c.Dims[datasets.Product], c.Dims[datasets.Region] = true, true
	return c.WithFurther([]string{"payment", "brand"})
}

// The further dimensions of testColumns, in the order of their names.
const (
	brand = datasets.Dimension(datasets.Dimensions + iota)
	payment
)

// customerID returns an id that fits a word, fills it, goes beyond it, or begins as
// others do.
func customerID(i int) string {
	short := fmt.Sprint("c", i*7919%100003)
	switch i % 5 {
	case 1:
		return (short + "xxxxxxxx")[:8]
	case 2:
		return (short + "xxxxxxxx")[:8] + "y"
	case 3:
		return fmt.Sprint("customer-of-long-standing-", i)
	case 4:
		return short + "\x01" + short
	}
	return short
}

// randomLines returns n lines of at most customers customers, in no order, with
// all that makes sorting hard: equal times, orders of any length, orders that
// interleave, missing values, duplicates.
func randomLines(n, customers int, seed uint64) []line {
	rng := rand.New(rand.NewPCG(seed, 1))
	lines := make([]line, 0, n)
	for len(lines) < n {
		l := line{
			customer: customerID(rng.IntN(customers)),
			order:    [...]string{"", "1001", "1002", "a-very-long-order-number-1", "a-very-long-order-number-2", "12345678", "123456789"}[rng.IntN(7)],
			product:  [...]string{"", "apple", "pear", "85123A", "quince-jelly"}[rng.IntN(5)],
			region:   [...]string{"", "north", "south"}[rng.IntN(3)],
			time: datasets.Moment(rng.IntN(5))*datasets.FullDay + [...]datasets.Moment{
				0, 1, datasets.Second - 1, 1 << 61, -(1 << 62), -1}[rng.IntN(6)>>rng.IntN(3)],
			quantity: [...]datasets.Quantity{0, 1, 2, -1, datasets.One, 2 * datasets.One, -3 * datasets.One, 1<<30 - 1,
				1 << 30, -(1 << 30), -(1<<30 + 1), 1 << 50}[rng.IntN(12)>>rng.IntN(3)],
			amount: [...]datasets.Money{0, datasets.Unit, 2 * datasets.Unit, -datasets.Unit / 100, 1, -1,
				datasets.Unit/100 + 1, 1 << 50, -(1 << 50)}[rng.IntN(9)>>rng.IntN(4)],
			cost:     datasets.Money(rng.IntN(2)),
			returned: rng.IntN(5) == 0,
			brand:    [...]string{"", "acme", "zeta"}[rng.IntN(3)],
			payment:  [...]string{"cash", "card", ""}[rng.IntN(3)],
		}
		if rng.IntN(10) == 0 {
			l.customer = ""
		}
		if rng.IntN(4) == 0 {
			l.cost = datasets.NoMoney
		}
		lines = append(lines, l)
		if rng.IntN(20) == 0 {
			lines = append(lines, l)
		}
	}
	return lines
}

// dictionary is one that batches share and that grows from one to the next. Some
// of its texts stand twice in it, with white space around one of them.
type dictionary struct {
	id    *datasets.DictID
	texts datasets.Strings
	codes map[string]uint32
}

// code returns the code of a text in row i.
func (d *dictionary) code(text string, i int) uint32 {
	if i%7 == 0 {
		text = " " + text + "\t"
	}
	code, known := d.codes[text]
	if !known {
		code = uint32(d.texts.Len())
		d.codes[text] = code
		d.texts.Append([]byte(text))
	}
	return code
}

// dictionaries are those of customer, order and the dimensions.
type dictionaries [2 + datasets.Slots]dictionary

func newDictionaries(shared bool) *dictionaries {
	all := new(dictionaries)
	for i := range all {
		all[i].codes = map[string]uint32{}
		if shared {
			all[i].id = new(datasets.DictID)
		}
	}
	return all
}

// batch lays lines out as a loader would: as codes of the dictionaries, or as
// texts where they are nil.
func batch(lines []line, dicts *dictionaries) *datasets.Transactions {
	t := &datasets.Transactions{}
	columns := 0
	text := func(value func(line) string) *datasets.Column {
		c := &datasets.Column{Field: datasets.Field{Kind: datasets.Text}}
		columns++
		if dicts == nil {
			for _, l := range lines {
				c.Texts.Append([]byte(value(l)))
			}
			if len(lines[0].customer)%2 == 0 { // a reader may have looked
				c.Texts.MarkTrimmed()
			}
			return c
		}
		d := &dicts[columns-1]
		for i, l := range lines {
			c.Codes = append(c.Codes, d.code(value(l), i))
		}
		c.Dict, c.DictID = d.texts, d.id
		return c
	}
	t.Customer = text(func(l line) string { return l.customer })
	t.Order = text(func(l line) string { return l.order })
	t.Dims[datasets.Product] = text(func(l line) string { return l.product })
	t.Dims[datasets.Region] = text(func(l line) string { return l.region })
	t.Dims[brand] = text(func(l line) string { return l.brand })
	t.Dims[payment] = text(func(l line) string { return l.payment })
	for i, l := range lines {
		t.Time = append(t.Time, l.time)
		t.Quantity = append(t.Quantity, l.quantity)
		t.Amount = append(t.Amount, l.amount)
		t.Cost = append(t.Cost, l.cost)
		t.Return = append(t.Return, l.returned)
		if l.customer == "" {
			t.Anonymous = append(t.Anonymous, uint32(i))
		} else {
			t.Rows = append(t.Rows, uint32(i))
		}
	}
	return t
}

// build fills a history with lines, spread over the workers in batches.
func build(t *testing.T, lines []line, c Config, folder *Folder) *Store {
	t.Helper()
	b := NewBuilder(c)
	if folder != nil {
		if err := b.Replay(context.Background(), folder); err != nil {
			t.Fatal(err)
		}
	}
	shared := make([]*dictionaries, c.Workers)
	for w := range shared {
		shared[w] = newDictionaries(true)
	}
	for i, part := range slices.Collect(slices.Chunk(lines, 97)) {
		w := i % c.Workers
		dicts := [...]*dictionaries{nil, shared[w], newDictionaries(false)}[i/c.Workers%3]
		if err := b.Appender(w).Append(batch(part, dicts)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := b.Seal()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// dump scans a history and returns all it holds as text, customer by customer.
func dump(t *testing.T, s *Store) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	var mu sync.Mutex
	err := s.Scan(context.Background(), func(_ int, b *Bucket) error {
		mu.Lock()
		defer mu.Unlock()
		for c := range b.Customers.Len() {
			id := string(b.Customers.At(c))
			if out[id] != nil {
				return fmt.Errorf("customer %s a second time", id)
			}
			ev := b.Of(c)
			out[id] = describe(s, &ev)
		}
		anonymous := describe(s, &b.Anonymous)
		if len(anonymous) > 0 {
			out[fmt.Sprint("anonymous ", b.Index)] = anonymous
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// describe says what the lines are; of a column that the history does not hold,
// nothing is known and costs are 0.
func describe(s *Store, e *datasets.Events) []string {
	text := func(d datasets.Dimension, codes []uint32, i int) string {
		if codes == nil || codes[i] == datasets.NoCode {
			return "-"
		}
		return string(s.Dictionary(d).At(int(codes[i])))
	}
	var out []string
	for i := range e.Len() {
		cost := datasets.Money(0)
		if e.Cost != nil {
			cost = e.Cost[i]
		}
		out = append(out, fmt.Sprintf("%s order %d %s %s %d %d %d %v %s %s", e.Time[i], e.Order[i],
			text(datasets.Product, e.Product, i), text(datasets.Region, e.Region, i), e.Quantity[i], e.Amount[i], cost, e.Return[i],
			text(brand, e.FurtherCodes(0), i), text(payment, e.FurtherCodes(1), i)))
	}
	return out
}

// basketLines returns n lines of a shop as shops are: baskets of one line to
// fifty, whole pieces at prices in hundredths, times in seconds. One line in odd
// is sold by weight, unless odd is 0.
func basketLines(n, odd int, seed uint64) []line {
	rng := rand.New(rand.NewPCG(seed, 2))
	lines := make([]line, 0, n)
	for order := 0; len(lines) < n; order++ {
		head := line{
			customer: customerID(rng.IntN(40)), order: fmt.Sprint(1000 + order/2), // some baskets share a number
			time: datasets.Moment(rng.IntN(500)) * datasets.Second,
		}
		for range 1 + rng.IntN(1+rng.IntN(1+rng.IntN(50))) {
			l := head
			if p := rng.IntN(30); p > 0 {
				l.product = fmt.Sprint("p", p)
			}
			l.quantity = datasets.Quantity(rng.IntN(7)-2) * datasets.One
			l.amount = datasets.Money(rng.IntN(9)-3) * datasets.Unit / 100
			l.returned = rng.IntN(5) == 0
			if odd > 0 && rng.IntN(odd) == 0 {
				l.quantity /= 4
			}
			lines = append(lines, l)
		}
	}
	return lines
}

// oracle says in the plainest way what the history of known customers is.
func oracle(lines []line) map[string][]string {
	byCustomer := map[string][]line{}
	for _, l := range lines {
		if l.customer != "" {
			byCustomer[l.customer] = append(byCustomer[l.customer], l)
		}
	}
	missingLast := func(text string) string {
		if text == "" {
			return "\xff"
		}
		return text
	}
	flag := map[bool]int{true: 1}
	out := map[string][]string{}
	for id, mine := range byCustomer {
		slices.SortFunc(mine, func(a, b line) int {
			return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.order, b.order),
				cmp.Compare(missingLast(a.product), missingLast(b.product)),
				cmp.Compare(a.quantity, b.quantity), cmp.Compare(a.amount, b.amount),
				cmp.Compare(flag[a.returned], flag[b.returned]),
				cmp.Compare(missingLast(a.region), missingLast(b.region)), cmp.Compare(missingLast(a.brand), missingLast(b.brand)),
				cmp.Compare(missingLast(a.payment), missingLast(b.payment)), cmp.Compare(a.cost, b.cost))
		})
		numbers := map[string]int{}
		for _, l := range mine {
			key := l.order
			if key == "" {
				key = "at " + l.time.String()
			}
			if _, met := numbers[key]; !met {
				numbers[key] = len(numbers)
			}
			out[id] = append(out[id], fmt.Sprintf("%s order %d %s %s %d %d %d %v %s %s", l.time, numbers[key], cmp.Or(l.product, "-"), cmp.Or(l.region, "-"),
				l.quantity, l.amount, l.cost, l.returned, cmp.Or(l.brand, "-"), cmp.Or(l.payment, "-")))
		}
	}
	return out
}

func known(all map[string][]string) map[string][]string {
	out := map[string][]string{}
	for id, lines := range all {
		if id[0] == 'c' {
			out[id] = lines
		}
	}
	return out
}

func TestHistoryGivesWhatPlainSortingGives(t *testing.T) {
	lines := randomLines(5000, 300, 1)
	got := known(dump(t, build(t, lines, Config{Columns: testColumns(), Workers: 1}, nil)))
	if want := oracle(lines); !reflect.DeepEqual(got, want) {
		for id := range want {
			if !slices.Equal(got[id], want[id]) {
				t.Fatalf("customer %s:\ngot  %q\nwant %q", id, got[id], want[id])
			}
		}
		t.Fatalf("got %d customers, want %d", len(got), len(want))
	}
}

// Each of these changes how a history is built, and must change nothing in it.
// Lines with nothing optional take a way of their own, as long as they fit a word.
func TestHistoryOfUsualLinesGivesWhatPlainSortingGives(t *testing.T) {
	c := datasets.Columns{Order: true}
	c.Dims[datasets.Product] = true
	for _, odd := range []int{0, 200, 3} {
		lines := basketLines(6000, odd, uint64(odd))
		want := oracle(lines)
		for _, config := range []Config{{Workers: 1}, {Workers: 3}, {Workers: 2, Memory: 30 << 10}} {
			config.Columns = c
			if got := known(dump(t, build(t, lines, config, nil))); !reflect.DeepEqual(got, want) {
				t.Errorf("one odd line in %d, %d workers, memory %d: the history differs", odd, config.Workers, config.Memory)
			}
		}
	}
}

func TestHistoryDoesNotDependOnHowItIsBuilt(t *testing.T) {
	lines := randomLines(20000, 500, 2)
	want := dump(t, build(t, lines, Config{Columns: testColumns(), Workers: 1}, nil))
	shuffled := slices.Clone(lines)
	rng := rand.New(rand.NewPCG(3, 3))
	rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	check := func(name string, lines []line, c Config) *Store {
		t.Helper()
		c.Columns, c.Spill = testColumns(), spill.New(t.TempDir(), c.Workers)
		s := build(t, lines, c, nil)
		if got := dump(t, s); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the history differs", name)
		}
		used := c.Spill.Bytes()
		if _, err := c.Spill.Write(0, make([]byte, used)); err != nil || used < s.Spilled() || c.Spill.Bytes() != used {
			t.Errorf("%s: got %d bytes on disk once %d of %d were written again, want what the scan let go (%v)", name, c.Spill.Bytes(), used, s.Spilled(), err)
		}
		if err := c.Spill.Close(); err != nil {
			t.Error(err)
		}
		return s
	}
	check("2 workers", lines, Config{Workers: 2})
	check("8 workers", lines, Config{Workers: 8})
	check("rows shuffled", shuffled, Config{Workers: 2})
	if s := check("spilled", lines, Config{Workers: 1, Memory: 100 << 10}); s.Spilled() == 0 {
		t.Error("spilled: got nothing on disk, want a spill")
	}
	check("spilled and shuffled, 3 workers", shuffled, Config{Workers: 3, Memory: 200 << 10})
}

// Without long ids, a little is spilled at a time, so that memory stays nearly full.
func TestWhatIsSpilledIsLittleMoreThanMust(t *testing.T) {
	const budget = 96 * blockBytes
	c := datasets.Columns{Order: true}
	c.Dims[datasets.Product] = true
	lines := basketLines(130_000, 300, 5)
	for i := range lines {
		lines[i].customer = fmt.Sprint("c", crc32.ChecksumIEEE([]byte(lines[i].customer))%1000)
	}
	for n := 90_000; n <= 130_000; n += 10_000 {
		s := build(t, lines[:n], Config{Columns: c, Workers: 1, Memory: budget}, nil)
		held := int64(0)
		for _, src := range s.sources {
			for p := range src.parts {
				for _, block := range src.parts[p].full {
					held += 8 * int64(len(block))
				}
			}
		}
		if s.Spilled() == 0 || held < budget/2 || held > budget {
			t.Errorf("%d lines: got %d bytes spilled and %d held of at most %d, want some spilled and half of that held, since a few blocks are not full",
				n, s.Spilled(), held, budget)
		}
		if n == 130_000 && !reflect.DeepEqual(known(dump(t, s)), oracle(lines[:n])) {
			t.Error("the history differs")
		}
	}
}

// Whatever columns a job maps, the others change nothing in them.
func TestHistoryHoldsAnyColumns(t *testing.T) {
	lines := randomLines(4000, 150, 7)
	full := oracle(lines)
	for mask := range 32 {
		var c datasets.Columns
		c.Order, c.Cost = mask&1 != 0, mask&2 != 0
		c.Dims[datasets.Product], c.Dims[datasets.Region] = mask&4 != 0, mask&8 != 0
		if mask&16 != 0 {
			c = c.WithFurther([]string{"brand"})
		}
		s := build(t, lines, Config{Columns: c, Workers: 2, Memory: 50 << 10}, nil)
		err := s.Scan(context.Background(), func(_ int, b *Bucket) error {
			for i := range b.Customers.Len() {
				ev := b.Of(i)
				mine := full[string(b.Customers.At(i))]
				if ev.Len() != len(mine) {
					return fmt.Errorf("%+v: got %d lines, want %d", c, ev.Len(), len(mine))
				}
				if got, want := tallies(s, &ev, c), tallies(nil, nil, c, mine...); !reflect.DeepEqual(got, want) {
					return fmt.Errorf("%+v: got %v, want %v", c, got, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// tallies counts what a customer's events, or the lines of the oracle, hold in
// the mapped columns, whatever their order.
func tallies(s *Store, e *datasets.Events, c datasets.Columns, mine ...string) map[string]int {
	out := map[string]int{}
	add := func(time, product, region, quantity, amount, cost, brand string) {
		if !c.Dims[datasets.Product] {
			product = ""
		}
		if !c.Dims[datasets.Region] {
			region = ""
		}
		if !c.Cost {
			cost = ""
		}
		if c.Further[0] == "" {
			brand = ""
		}
		out[time+" "+product+" "+region+" "+quantity+" "+amount+" "+cost+" "+brand]++
	}
	for _, text := range mine {
		var time, order, number, product, region, quantity, amount, cost, returned, brand string
		_, _ = fmt.Sscan(text, &time, &order, &number, &product, &region, &quantity, &amount, &cost, &returned, &brand)
		add(time, product, region, quantity, amount, cost, brand)
	}
	if e == nil {
		return out
	}
	text := func(d datasets.Dimension, codes []uint32, i int) string {
		if codes == nil {
			return ""
		}
		if codes[i] == datasets.NoCode {
			return "-"
		}
		return string(s.Dictionary(d).At(int(codes[i])))
	}
	for i := range e.Len() {
		cost := ""
		if e.Cost != nil {
			cost = fmt.Sprint(int64(e.Cost[i]))
		}
		add(e.Time[i].String(), text(datasets.Product, e.Product, i), text(datasets.Region, e.Region, i),
			fmt.Sprint(int64(e.Quantity[i])), fmt.Sprint(int64(e.Amount[i])), cost, text(brand, e.FurtherCodes(0), i))
	}
	return out
}

// openKept opens a kept history, which is closed with the test at the latest.
func openKept(t *testing.T, path string) *Folder {
	t.Helper()
	folder, err := OpenFolder(path, "mapping")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeKept(t, folder) })
	return folder
}

func closeKept(t *testing.T, folder *Folder) {
	t.Helper()
	if err := folder.Close(); err != nil {
		t.Error(err)
	}
}

func TestHistoryKeptGivesTheSameInPieces(t *testing.T) {
	lines := randomLines(9000, 200, 4)
	want := dump(t, build(t, lines, Config{Columns: testColumns(), Workers: 2}, nil))
	path := t.TempDir()
	pieces := [][]line{lines[:4000], lines[4000:4001], lines[4001:]}
	for i, piece := range pieces {
		folder := openKept(t, path)
		s := build(t, piece, Config{Columns: testColumns(), Workers: 2, Memory: 300 << 10}, folder)
		got := dump(t, s)
		if err := folder.Commit([]Input{{Path: fmt.Sprint(i), SHA256: fmt.Sprint("sum", i)}}, nil); err != nil {
			t.Fatal(err)
		}
		closeKept(t, folder)
		if i == len(pieces)-1 && !reflect.DeepEqual(got, want) {
			t.Error("in pieces: the history differs from the whole")
		}
	}
	folder := openKept(t, path)
	if !folder.Knows("sum1") || folder.Knows("sum9") {
		t.Error("got another memory of inputs, want that of three pieces")
	}
	if got := dump(t, build(t, nil, Config{Columns: testColumns(), Workers: 2}, folder)); !reflect.DeepEqual(got, want) {
		t.Error("nothing new: the history differs from the whole")
	}
	closeKept(t, folder)
	if _, err := OpenFolder(path, "another mapping"); err == nil || !strings.Contains(err.Error(), "made with other columns") {
		t.Errorf("another mapping: got %v, want a refusal", err)
	}
}

// A run that ends before Commit adds nothing.
func TestHistoryForgetsRunsThatDidNotCommit(t *testing.T) {
	lines := randomLines(3000, 100, 5)
	path := t.TempDir()
	folder := openKept(t, path)
	dump(t, build(t, lines[:1000], Config{Columns: testColumns(), Workers: 1}, folder))
	if err := folder.Commit([]Input{{SHA256: "first"}}, nil); err != nil {
		t.Fatal(err)
	}
	closeKept(t, folder)
	folder = openKept(t, path)
	dump(t, build(t, lines[1000:], Config{Columns: testColumns(), Workers: 1}, folder))
	closeKept(t, folder) // and ends here
	got := dump(t, build(t, nil, Config{Columns: testColumns(), Workers: 1}, openKept(t, path)))
	want := dump(t, build(t, lines[:1000], Config{Columns: testColumns(), Workers: 1}, nil))
	if !reflect.DeepEqual(got, want) {
		t.Error("got the rows of a run that did not commit")
	}
}

// After many runs the next one rewrites the history, and nothing changes.
func TestHistoryStaysTheSameWhenRunsAreJoined(t *testing.T) {
	lines := randomLines((maxRuns+3)*50, 40, 6)
	path := t.TempDir()
	for i, piece := range slices.Collect(slices.Chunk(lines, 50)) {
		folder := openKept(t, path)
		dump(t, build(t, piece, Config{Columns: testColumns(), Workers: 2}, folder))
		if err := folder.Commit([]Input{{SHA256: fmt.Sprint(i)}}, nil); err != nil {
			t.Fatal(err)
		}
		closeKept(t, folder)
	}
	folder := openKept(t, path)
	if n := len(folder.Runs()); n > maxRuns {
		t.Errorf("got %d runs, want at most %d", n, maxRuns)
	}
	got := dump(t, build(t, nil, Config{Columns: testColumns(), Workers: 1}, folder))
	want := dump(t, build(t, lines, Config{Columns: testColumns(), Workers: 1}, nil))
	if !reflect.DeepEqual(got, want) {
		t.Error("the joined history differs from the whole")
	}
}
