package features

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"sync"
	"unsafe"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features/internal/lines"
	"github.com/quintile-dev/quintile/features/internal/sorting"
)

// ErrTooLarge reports that one customer's amounts, costs, discounts or
// quantities are too large for an exact sum.
var ErrTooLarge = errors.New("features: the amounts, costs, discounts or quantities of one customer add up to more than 2.3 × 10¹²; " +
	"check the unit of these columns, or set such rows aside")

// sumLimit bounds the sums of magnitudes within one customer, so that the sum
// or difference of any two of them still fits.
const sumLimit = 1 << 61

// Calculator computes features, one customer at a time. The memory is kept from
// customer to customer, so each worker needs a separate Calculator.
type Calculator struct {
	features []Feature
	sources  [][]float64 // of the features, in values: those that are neighbours there as one
	needs    Columns
	logs     *logTable
	clumps   *clumpTable
	dates    *calendarTable

	s           summary
	values      values
	lines       lines.Scanner
	allOrders   []order // with those that only hold returns
	returnFirst bool    // some of them may have begun with a return
	lineOrders  []int32 // of each line, and room for more: index into allOrders, or −1 for a return
	sorter      sorting.Sorter
	tally       tally
	codes       []uint32 // that are counted, where they are not those of the lines
	codeOrders  []int32  // of each of them
	occurrences []occurrence
}

// The tables that calculators share; they never change.
var (
	theLogs     = sync.OnceValue(newLogTable)
	theClumps   = sync.OnceValue(newClumpTable)
	theCalendar = sync.OnceValue(newCalendarTable)
)

// NewCalculator returns a calculator of the features selected, in that order.
// Only the necessary columns are read. An attribute among the features panics.
func NewCalculator(selected []Feature) *Calculator {
	c := &Calculator{features: selected, logs: theLogs(), clumps: theClumps(), dates: theCalendar()}
	for _, f := range selected {
		if f.Attribute() {
			panic(fmt.Sprintf("features: BUG: %s is an attribute, which cannot be computed for a day", f.Name))
		}
		c.needs |= f.Needs
	}
	if c.needs&allFurther != 0 {
		c.values.further = new(furtherValues)
	}
	for _, f := range selected {
		c.sources = appendNeighbour(c.sources, f.value(&c.values))
	}
	return c
}

// appendNeighbour appends v to the last run if next in memory, else as a new
// run.
func appendNeighbour(runs [][]float64, v *float64) [][]float64 {
	if len(runs) > 0 {
		last := &runs[len(runs)-1]
		if first, n := unsafe.SliceData(*last), len(*last); unsafe.Add(unsafe.Pointer(first), n*8) == unsafe.Pointer(v) {
			*last = unsafe.Slice(first, n+1)
			return runs
		}
	}
	return append(runs, unsafe.Slice(v, 1))
}

// Features returns what is computed, in the order of Compute's results.
func (c *Calculator) Features() []Feature { return c.features }

// Compute sets dst[j] to feature j of one customer at the end of day asOf.
//
// Shape: dst has one entry per feature. ev is the whole history of one customer,
// sorted as datasets.Events requires; ev may be empty, and may continue after asOf
// without an effect. ev is neither modified nor kept.
//
// Missing: NaN, with the meaning that Feature.Missing gives.
//
// Determinism: the result depends on the events up to asOf only; sums of money
// are exact.
//
// Errors: ErrTooLarge, and dst is then NaN throughout.
//
// Cost: about 0.8 µs for a customer of 30 lines with products and hours; nothing is
// allocated once the scratch memory has grown to the largest customer.
func (c *Calculator) Compute(dst []float64, ev *datasets.Events, asOf datasets.Day) error {
	if endsAfter(ev, asOf) { // as in Cut, but most events need not be copied
		past := before(ev, asOf+1)
		ev = &past
	}
	if !c.summarise(ev, asOf) {
		for j := range c.features {
			dst[j] = math.NaN()
		}
		return ErrTooLarge
	}
	c.values.fill(&c.s, c.needs)
	dst = dst[:len(c.features)]
	for _, run := range c.sources {
		dst = dst[copy(dst, run):]
	}
	return nil
}

// summarise fills the summary from events already cut at asOf. The result is
// false where a sum would not be exact.
func (c *Calculator) summarise(ev *datasets.Events, asOf datasets.Day) bool {
	c.s.asOf = int(asOf)
	if magnitudes := c.scanLines(ev); !summable(ev, magnitudes) {
		return false
	}
	if c.needs.Has(Product) {
		c.scanProducts(ev)
	}
	if c.needs.Has(Category) {
		c.mixOfLines(&c.s.categories, ev.Category)
	}
	if c.needs.Has(Cost) {
		c.scanCosts(ev)
	}
	if c.needs.Has(Discount) {
		c.scanDiscounts(ev)
	}
	if c.needs&allFurther != 0 {
		c.scanFurther(ev)
	}
	c.keepPurchaseOrders()
	if c.needs&(Channel|Store|Region|Salesperson|Campaign) != 0 {
		c.scanDimensions(ev)
	}
	if c.needs.Has(Clock) {
		c.scanHours(ev)
	}
	c.spreadOrders()
	c.walkDays()
	c.s.gaps.clumpiness = c.clumps.clumpiness(c.s.daysOf(3), c.s.asOf)
	c.s.fitSlopes()
	return true
}

// summable reports whether all sums over ev are exact. magnitudes holds the
// magnitudes of all amounts and quantities, or-ed together: as a rule, their
// bits and the number of lines decide.
func summable(ev *datasets.Events, magnitudes uint64) bool {
	few := bits.Len64(magnitudes)+bits.Len(uint(ev.Len())) < bits.Len64(sumLimit)
	return (few || fits(ev.Amount, false) && fits(ev.Quantity, false)) && fits(ev.Cost, true) && fits(ev.Discount, true)
}

// fits reports whether the magnitudes of values add up to at most sumLimit;
// optional columns leave out what is missing.
func fits[T ~int64](values []T, optional bool) bool {
	all := uint64(0)
	for _, v := range values {
		m := lines.Magnitude(v)
		if optional && v == T(datasets.NoMoney) {
			m = 0
		}
		all |= m
	}
	if bits.Len64(all)+bits.Len(uint(len(values))) < bits.Len64(sumLimit) {
		return true
	}
	sum := uint64(0)
	for _, v := range values {
		if optional && v == T(datasets.NoMoney) {
			continue
		}
		m := uint64(v)
		if v < 0 {
			m = -m
		}
		if sum += m; m > sumLimit || sum > sumLimit {
			return false
		}
	}
	return true
}
