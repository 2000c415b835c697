package ingest

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/xlsxio"
)

// Guess is a mapping proposed for a file that nobody has described yet.
type Guess struct {
	Path       string
	Fields     []datasets.Field
	Columns    map[Role]string
	Unused     []string      // columns without a role
	TimeFormat string        // "" where the column holds times, or where the format is ambiguous
	TimeNote   string        // why there is no format, or ""
	CSV        csvio.Options // how the file is written, the delimiter only where the caller gave it
	Header     bool
	Decimal    byte
	Thousands  byte
	Signs      []string // of a currency, at numbers
	NumbersAsk string   // a number that can be read in two ways; "" where there is none
	Missing    []string // words for nothing among the customers
	NumericIDs bool     // ids such as 17850.0
	Totals     string   // the customer of the last row, a line of totals; "" where it is none
	TotalsIn   Role     // where that text stands: Customer or Time
	Currencies []string // of the column with that role, the most frequent first
	FirstLine  []string // columns without a role that stand in the first line of an order only
	FillDown   []string // those with a role
	PerOrder   []Role   // roles whose amounts are of a whole order
	Gaps       []Gap    // roles for which no column was found
	Decided    []string // what was decided, in words
	Sheet      string   // of a workbook; "" elsewhere
	Sheets     []string // those with rows, where there are several
	Returns    string   // prefix of the orders that are returns, or ""
	Oddities   []string // other prefixes of orders that stand out
	FreeLines  bool     // there are prices of zero or below
	Rows       int64    // looked at

	hints Hints
}

// Gap is a role for which no column was found.
type Gap struct {
	Role       Role
	Candidates []string // columns that may be meant, the likeliest first
	Reason     string   // in words
	Asks       bool     // the job must not run before it is closed
}

// guessRows is the number of rows that a guess looks at.
const guessRows = 2_000_000

// Guess looks at the file and proposes how to read it. Of f, only Path and Name
// are used. An undecided point is a gap of the proposal, with candidates.
//
// Errors: *datasets.FileError where the file cannot be read.
func (f File) Guess(ctx context.Context, options csvio.Options) (*Guess, error) {
	return f.GuessWith(ctx, Hints{CSV: options})
}

// Hints are what somebody has said of a file. What they leave open is guessed.
type Hints struct {
	CSV        csvio.Options
	Encoded    bool // CSV.Encoding is meant, also where it is UTF-8
	Columns    map[Role]string
	Decimal    byte // 0: open, as Thousands then is
	Thousands  byte
	Signs      []string
	Missing    []string
	TimeFormat string
}

// GuessWith is Guess with hints.
//
// Errors: those of Guess; *datasets.FileError where the file lacks a column that a hint names.
func (f File) GuessWith(ctx context.Context, hints Hints) (*Guess, error) {
	options := hints.CSV
	g := &Guess{Path: f.Name, Columns: map[Role]string{}, Decimal: '.', hints: hints}
	if err := g.chooseSheet(&f); err != nil {
		return nil, err
	}
	if err := g.open(f, &options); err != nil {
		return nil, err
	}
	g.CSV = options
	g.matchNames()
	g.askRepeated()
	if err := g.obey(); err != nil {
		return nil, err
	}
	p, err := g.profile(ctx, f)
	if err != nil {
		return nil, err
	}
	g.byContent(p)
	if hints.TimeFormat != "" {
		g.TimeFormat = hints.TimeFormat
	} else if g.Columns[Time] != "" {
		if err := g.guessTime(ctx, f, options); err != nil {
			return nil, err
		}
	}
	return g, g.look(ctx, f, options)
}

// open settles the dialect of the file, as far as the options leave it open, and finds its columns.
func (g *Guess) open(f File, options *csvio.Options) error {
	if err := f.sniffDialect(options, g.hints.Encoded); err != nil {
		return err
	}
	r, err := f.Open(*options)
	if err != nil {
		return err
	}
	g.Fields = r.Fields()
	if err := r.Close(); err != nil {
		return err
	}
	g.Header = options.Header
	if options.Header && len(options.Names) == 0 && looksLikeData(f.Name, g.Fields) {
		options.Header = false
		return g.open(f, options)
	}
	return nil
}

// chooseSheet takes the first of several sheets that have rows, where none is named.
func (g *Guess) chooseSheet(f *File) error {
	if f.kind() != excelFormat {
		return nil
	}
	sheets, err := xlsxio.Sheets(f.Path, f.Name)
	if err != nil {
		return err
	}
	if f.Sheet == "" && len(sheets) > 1 {
		f.Sheet, g.Sheets = sheets[0], sheets
	}
	g.Sheet = f.Sheet
	return nil
}

// sniffDialect fills in what the beginning of a text file tells of how it is written.
func (f File) sniffDialect(options *csvio.Options, encoded bool) error {
	if f.kind() != textFormat {
		return nil
	}
	if _, err := statFile(f.Path, f.Name); err != nil {
		return err
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return &datasets.FileError{Path: f.Name, Err: err}
	}
	defer file.Close()
	s := csvio.Sniff(file)
	if !encoded && (options.Encoding == "" || options.Encoding == csvio.UTF8) {
		options.Encoding = s.Encoding
	}
	if options.Skip == 0 {
		options.Skip = s.Skip
	}
	if options.Escape == 0 && !options.NoQuotes {
		options.Escape, options.NoQuotes = s.Escape, s.NoQuotes
	}
	return nil
}

// guessTime finds the format of the times.
func (g *Guess) guessTime(ctx context.Context, from File, options csvio.Options) error {
	columns := map[Role]string{Time: g.Columns[Time]}
	if clock := g.Columns[Clock]; clock != "" {
		columns[Clock] = clock
	}
	s := &Source{Path: g.Path, Columns: columns, CSV: options, Decimal: '.', Missing: g.hints.Missing}
	m, err := bind(s, g.Path, g.Fields, s.columns())
	if err != nil {
		return err
	}
	m.guessed = true
	f := &file{File: from, source: s, mapping: m}
	report := &Report{Formats: map[string]string{}}
	if !m.needsLayout() {
		return nil
	}
	if err := m.checkTime(); err != nil && m.fields[m.at(Time)].Kind != datasets.Float {
		g.TimeNote = err.Error()
		return nil
	}
	if err := settleTimes(ctx, s, []*file{f}, report); err != nil {
		if g.TimeNote = err.Error(); strings.Contains(g.TimeNote, "time_format: excel") {
			g.TimeFormat, g.TimeNote = "excel", ""
			g.Decided = append(g.Decided, "the times look like days of a spreadsheet since 1899-12-30; where it counts from 1904, write excel1904")
		}
		return nil
	}
	g.TimeFormat = report.Formats[g.Path]
	return nil
}

// look reads rows to find out about returns and free lines.
func (g *Guess) look(ctx context.Context, f File, options csvio.Options) error {
	r, err := f.Open(options)
	if err != nil {
		return err
	}
	defer r.Close()
	l := newLooker(g)
	if err := r.Select(l.selected); err != nil {
		return err
	}
	var frame datasets.Frame
	for g.Rows < guessRows {
		part, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := part.Decode(&frame); err != nil {
			return err
		}
		g.Rows += int64(frame.Rows)
		for i := range frame.Rows {
			l.row(&frame, i)
		}
		l.seeTotals(g, &frame)
	}
	l.conclude(g)
	return nil
}

// looker counts what stands out in the orders, quantities and prices.
type looker struct {
	selected               []int
	order, quantity, price int // places in the frame; −1
	customer, time         int // likewise
	negative               map[byte]int64
	positive               map[byte]int64
	allNegative, all, free int64
	text                   []byte
	numbers                numbers
	form                   *Source
}

func newLooker(g *Guess) *looker {
	l := &looker{negative: map[byte]int64{}, positive: map[byte]int64{}, form: &Source{Decimal: g.Decimal, Thousands: g.Thousands, Signs: g.Signs}}
	at := func(roles ...Role) int {
		for _, role := range roles {
			for i, f := range g.Fields {
				if f.Name == g.Columns[role] && g.Columns[role] != "" {
					l.selected = append(l.selected, i)
					return len(l.selected) - 1
				}
			}
		}
		return -1
	}
	l.order, l.quantity, l.price = at(Order), at(Quantity), at(UnitPrice, Amount)
	l.customer, l.time = at(Customer), at(Time)
	return l
}

func (l *looker) row(f *datasets.Frame, i int) {
	l.all++
	dot := l.form
	negative := false
	if l.quantity >= 0 {
		c := &f.Columns[l.quantity]
		v, _ := l.numbers.readOne(c, i, dot.formOf(c))
		negative = v < 0
	}
	if l.price >= 0 {
		c := &f.Columns[l.price]
		v, outcome := l.numbers.readOne(c, i, dot.formOf(c))
		if outcome == fits && v <= 0 {
			l.free++
		}
	}
	if negative {
		l.allNegative++
	}
	if l.order < 0 {
		return
	}
	l.text = f.Columns[l.order].AppendText(l.text[:0], i)
	if len(l.text) == 0 || !letter(l.text[0]) {
		return
	}
	if negative {
		l.negative[l.text[0]]++
	} else {
		l.positive[l.text[0]]++
	}
}

// seeTotals notes that the last row holds totals: a word such as "total" in place of a customer or a time, and an
// empty cell in the other.
func (l *looker) seeTotals(g *Guess, f *datasets.Frame) {
	g.Totals, g.TotalsIn = "", ""
	if f.Rows == 0 || l.customer < 0 || l.time < 0 {
		return
	}
	customer := string(f.Columns[l.customer].AppendText(nil, f.Rows-1))
	when := string(f.Columns[l.time].AppendText(nil, f.Rows-1))
	switch {
	case when == "" && isTotal(customer):
		g.Totals, g.TotalsIn = customer, Customer
	case customer == "" && isTotal(when):
		g.Totals, g.TotalsIn = when, Time
	}
}

func isTotal(cell string) bool {
	switch plainName(cell) {
	case "total", "totals", "grandtotal", "sum", "summe", "gesamt", "gesamtsumme", "totale", "totaal", "totalgeneral", "totalgeral", "somme", "soma":
		return true
	}
	return false
}

func letter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

// conclude interprets the counts: a letter that begins most orders with a
// negative quantity, and few other orders, marks returns; other rare letters
// are noted.
func (l *looker) conclude(g *Guess) {
	var lettered int64
	for c := range 256 {
		lettered += l.negative[byte(c)] + l.positive[byte(c)]
	}
	for c := range 256 {
		n, p := l.negative[byte(c)], l.positive[byte(c)]
		switch {
		case n+p == 0 || lettered*2 > l.all: // letters are how orders are numbered here
		case n >= 10 && n > 9*p && 2*n > l.allNegative:
			g.Returns = string(rune(c))
		default:
			g.Oddities = append(g.Oddities, string(rune(c)))
		}
	}
	g.FreeLines = l.free > 0 && l.free*10 < l.all && g.Columns[UnitPrice] != ""
}
