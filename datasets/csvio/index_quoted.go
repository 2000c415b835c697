package csvio

import "math/bits"

// quotes is the state of the quoting between one 64 bytes and the next.
type quotes struct {
	inside   uint64 // all ones inside a quoted field, else 0
	opener   uint64 // 1 if the byte before ends a field or is a quote
	closer   uint64 // 1 if the byte before closes a quoted field
	cr       uint64 // 1 if the byte before is a CR after a closing quote
	doubled  bool   // some field holds doubled quotes
	embedded bool   // some field holds a newline
}

// atRecord is the state where a record starts.
var atRecord = quotes{opener: 1}

// step returns the ends of fields and of records among the next 64 bytes. It
// reports false, for good, if a quote stands where the syntax allows none.
func (q *quotes) step(p *[64]byte, delim, newline uint64) (fields, records uint64, ok bool) {
	const quote, cr = ones * '"', ones * '\r'
	lines := matches(p, newline)
	ends := matches(p, delim) | lines
	marks := matches(p, quote)
	if marks|q.inside|q.closer|q.cr == 0 {
		q.opener = ends >> 63
		return ends, lines, true
	}
	inside := marks // then: bit i is the parity of the quotes up to i
	inside ^= inside << 1
	inside ^= inside << 2
	inside ^= inside << 4
	inside ^= inside << 8
	inside ^= inside << 16
	inside ^= inside << 32
	inside ^= q.inside
	opens, closes := marks&inside, marks&^inside

	before := (ends|marks)<<1 | q.opener
	after := closes<<1 | q.closer
	wrong := opens &^ before // a quote inside an unquoted field
	var crs uint64
	if text := after &^ (ends | marks); text|q.cr != 0 {
		crs = text & matches(p, cr)
		wrong |= text &^ crs              // text after a closing quote
		wrong |= (crs<<1 | q.cr) &^ lines // a CR there that ends no line
	}
	q.doubled = q.doubled || opens&(marks<<1|q.closer) != 0
	q.embedded = q.embedded || lines&inside != 0
	q.inside = uint64(int64(inside) >> 63)
	q.opener = (ends | marks) >> 63
	q.closer = closes >> 63
	q.cr = crs >> 63
	return ends &^ inside, lines &^ inside, wrong == 0
}

// indexQuoted does what indexPlain does where there are quotes. It reports
// false, and its positions mean nothing, if a quote stands where the syntax
// allows none.
func (q *quotes) indexQuoted(pos []uint32, data []byte, from, to int, delim, newline byte) (n int, ok bool) {
	d, l := ones*uint64(delim), ones*uint64(newline)
	for ; from < to; from += 64 {
		ends, _, ok := q.step((*[64]byte)(data[from:]), d, l)
		if !ok {
			return 0, false
		}
		n = positions(pos, n, from, ends)
	}
	return n, true
}

// cutQuoted returns the end of a record near the end of data, which starts with
// a record and may go on; 0 if it finds none. It reports false if there is a
// fault of quoting.
func cutQuoted(data []byte, delim, newline byte) (end int, ok bool) {
	q := atRecord
	d, l := ones*uint64(delim), ones*uint64(newline)
	for i := 0; i+64 <= len(data); i += 64 {
		_, records, ok := q.step((*[64]byte)(data[i:]), d, l)
		if !ok {
			return 0, false
		}
		if records != 0 {
			end = i + 64 - bits.LeadingZeros64(records)
		}
	}
	return end, true
}
