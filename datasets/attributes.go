package datasets

import (
	"bytes"
	"cmp"
	"math"
	"slices"
)

// Attribute is a property of customers given in a file, such as an age or a city.
type Attribute struct {
	Name     string
	Category bool // its values are texts; otherwise they are numbers
}

// MaxCategories is the number of different texts that a categorical attribute may
// have.
const MaxCategories = math.MaxUint16 - 1

// The marks in place of a value.
const (
	noNumber     = math.MinInt64
	disputed     = math.MinInt64 + 1 // rows of the customer disagree
	noCategory   = math.MaxUint16
	disputedCode = math.MaxUint16 - 1
)

// Attributes holds the attributes of customers. One goroutine fills the table;
// once settled, any number of goroutines may read.
//
// Determinism: the contents of a settled table depend neither on the order of the
// calls that set values nor on repeated calls.
//
// Cost: beside the id, 12 to 20 bytes a customer, 8 for each number and 2 for each
// category; a few look-ups into memory for each customer that is filled in.
type Attributes struct {
	list    []Attribute
	ids     idIndex
	columns []attributeColumn // as list
}

// attributeColumn is one attribute of all customers, by number.
type attributeColumn struct {
	numbers  []int64 // in millionths
	codes    []uint16
	texts    Interner // of the codes, until settled
	sorted   Strings  // of the codes, once settled
	disputes int64    // customers whose rows disagree
}

// NewAttributes returns an empty table of the given attributes, with distinct
// names. The order is by name, compared byte by byte; see List.
func NewAttributes(list []Attribute) *Attributes {
	a := &Attributes{list: slices.Clone(list), columns: make([]attributeColumn, len(list))}
	slices.SortFunc(a.list, func(x, y Attribute) int { return cmp.Compare(x.Name, y.Name) })
	return a
}

// List returns the attributes, in the order used by all methods. A nil table has
// none.
func (a *Attributes) List() []Attribute {
	if a == nil {
		return nil
	}
	return a.list
}

// Len returns the number of customers.
func (a *Attributes) Len() int { return a.ids.len() }

// Customer returns the number of the customer with an id, who is entered without
// any value if new.
func (a *Attributes) Customer(id []byte) (number uint32) {
	number, isNew := a.ids.number(id)
	if !isNew {
		return number
	}
	for k := range a.columns {
		if c := &a.columns[k]; a.list[k].Category {
			c.codes = append(c.codes, noCategory)
		} else {
			c.numbers = append(c.numbers, noNumber)
		}
	}
	return number
}

// SetNumber says that attribute k of a customer is a number of millionths. Where
// another has been said before, the customer has none.
func (a *Attributes) SetNumber(customer uint32, k int, millionths int64) {
	c := &a.columns[k]
	switch c.numbers[customer] {
	case noNumber:
		c.numbers[customer] = millionths
	case millionths, disputed:
	default:
		c.numbers[customer] = disputed
		c.disputes++
	}
}

// SetCategory sets attribute k of a customer to a text. Where a different text was
// set before, the customer has no value. If the text would exceed MaxCategories,
// nothing changes and the result is false.
func (a *Attributes) SetCategory(customer uint32, k int, text []byte) bool {
	c := &a.columns[k]
	code, known := c.texts.Find(text)
	if !known {
		if c.texts.Len() == MaxCategories {
			return false
		}
		code = c.texts.Code(text)
	}
	switch c.codes[customer] {
	case noCategory:
		c.codes[customer] = uint16(code)
	case uint16(code), disputedCode:
	default:
		c.codes[customer] = disputedCode
		c.disputes++
	}
	return true
}

// Settle ends the filling: codes become ranks of the sorted texts, and where rows
// disagree there is no value.
func (a *Attributes) Settle() {
	for k := range a.columns {
		c := &a.columns[k]
		for i, v := range c.numbers {
			if v == disputed {
				c.numbers[i] = noNumber
			}
		}
		if a.list[k].Category {
			c.rank()
		}
	}
}

// rank turns the codes into ranks.
func (c *attributeColumn) rank() {
	order := make([]uint32, c.texts.Len())
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(x, y uint32) int { return bytes.Compare(c.texts.Text(x), c.texts.Text(y)) })
	ranks := make([]uint16, len(order))
	for rank, code := range order {
		c.sorted.Append(c.texts.Text(code))
		ranks[code] = uint16(rank)
	}
	for i, code := range c.codes {
		if int(code) < len(ranks) {
			c.codes[i] = ranks[code]
		} else {
			c.codes[i] = noCategory
		}
	}
	c.texts.Reset()
}

// Categories returns the texts of categorical attribute k, sorted bytewise: code i
// stands for text i. The table must be settled.
func (a *Attributes) Categories(k int) *Strings { return &a.columns[k].sorted }

// Disagreeing returns the number of customers whose rows disagree in attribute k.
func (a *Attributes) Disagreeing(k int) int64 { return a.columns[k].disputes }

// Known returns the number of customers who have attribute k.
func (a *Attributes) Known(k int) int64 {
	known := int64(0)
	c := &a.columns[k]
	for _, v := range c.numbers {
		if v != noNumber {
			known++
		}
	}
	for _, code := range c.codes {
		if code != noCategory {
			known++
		}
	}
	return known
}

// FillTo sets dst[k] to attribute k of the customer with an id: the number, or the
// code of the category; NaN where there is none. It reports whether the table has
// the customer at all. The table must be settled.
func (a *Attributes) FillTo(dst []float64, id []byte) bool {
	number, found := a.ids.find(id)
	if !found {
		for k := range dst {
			dst[k] = math.NaN()
		}
		return false
	}
	a.RowTo(dst, number)
	return true
}

// RowTo does as FillTo for the customer of a number below Len.
func (a *Attributes) RowTo(dst []float64, number uint32) {
	for k := range a.columns {
		c := &a.columns[k]
		dst[k] = math.NaN()
		switch {
		case a.list[k].Category:
			if code := c.codes[number]; code != noCategory {
				dst[k] = float64(code)
			}
		default:
			if v := c.numbers[number]; v != noNumber {
				dst[k] = float64(v) / 1e6
			}
		}
	}
}

// ID returns the id of the customer of a number below Len. It is valid as long as the
// table.
func (a *Attributes) ID(number uint32) []byte { return a.ids.at(number) }

// Number returns the number of the customer with an id, false where there is none.
func (a *Attributes) Number(id []byte) (number uint32, found bool) { return a.ids.find(id) }

// Forget releases the customers; the attributes and their categories remain.
func (a *Attributes) Forget() {
	a.ids = idIndex{}
	for k := range a.columns {
		a.columns[k].numbers, a.columns[k].codes = nil, nil
	}
}

// Bytes returns the memory held, in bytes; 0 for a nil table.
func (a *Attributes) Bytes() int64 {
	if a == nil {
		return 0
	}
	total := a.ids.bytes()
	for k := range a.columns {
		c := &a.columns[k]
		total += 8*int64(cap(c.numbers)) + 2*int64(cap(c.codes)) + c.texts.Bytes()
		total += int64(cap(c.sorted.Data)) + 8*int64(cap(c.sorted.Start))
	}
	return total
}
