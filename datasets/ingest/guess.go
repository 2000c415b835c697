package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
)

// Guess is a mapping proposed for a file that nobody has described yet.
type Guess struct {
	Path       string
	Fields     []datasets.Field
	Columns    map[Role]string
	Unused     []string // columns without a role
	TimeFormat string   // "" where the column holds times, or where the format is ambiguous
	TimeNote   string   // why there is no format, or ""
	Header     bool
	Decimal    byte
	Returns    string   // prefix of the orders that are returns, or ""
	Oddities   []string // other prefixes of orders that stand out
	FreeLines  bool     // there are prices of zero or below
	Rows       int64    // looked at
}

// synonyms are names that columns go by, for each role, the surest first. They
// are compared without case, blanks and punctuation.
var synonyms = []struct {
	role  Role
	names []string
}{
	{Customer, []string{"customerid", "customer", "custid", "customerno", "customernumber", "custno", "clientid", "client", "userid", "user", "memberid", "member", "accountid", "account", "householdkey", "householdid", "shopperid", "visitorid", "buyerid", "buyer", "kundennummer", "kunde", "email"}},
	{Time, []string{"invoicedate", "orderdate", "orderedat", "purchasedate", "transactiondate", "transdate", "transactiontime", "ordertime", "datetime", "timestamp", "date", "time", "createdat", "eventtime", "ts", "day", "datum"}},
	{Order, []string{"invoiceno", "invoice", "invoiceid", "orderid", "orderno", "ordernumber", "order", "transactionid", "transaction", "basketid", "basket", "receiptid", "receipt", "ticketid", "ticket", "billno", "bestellnummer"}},
	{Role("product"), []string{"stockcode", "sku", "productid", "productcode", "itemid", "itemcode", "articleid", "articleno", "article", "product", "item", "upc", "ean", "artikel"}},
	{Role("description"), []string{"description", "productname", "itemname", "productdescription", "title", "productdesc"}},
	{Quantity, []string{"quantity", "qty", "units", "pieces", "items", "count", "menge"}},
	{UnitPrice, []string{"unitprice", "price", "priceeach", "itemprice", "sellprice", "preis"}},
	{Amount, []string{"amount", "linetotal", "totalamount", "total", "salesvalue", "sales", "revenue", "value", "spend", "turnover", "totalprice", "betrag", "umsatz"}},
	{Cost, []string{"cost", "linecost", "totalcost", "cogs"}},
	{Discount, []string{"discount", "discountamount", "rebate", "retaildisc"}},
	{Role("category"), []string{"category", "productcategory", "department", "commodity", "itemcategory", "kategorie"}},
	{Role("channel"), []string{"channel", "saleschannel", "source", "medium"}},
	{Role("store"), []string{"storeid", "store", "shopid", "shop", "branch", "filiale"}},
	{Role("region"), []string{"country", "region", "state", "city", "land"}},
	{Role("salesperson"), []string{"salesperson", "salesrep", "seller", "employeeid", "clerk"}},
	{Role("campaign"), []string{"campaign", "campaignid", "promotion", "promo", "coupon"}},
}

func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, name)
}

// guessRows is the number of rows that a guess looks at.
const guessRows = 2_000_000

// Guess looks at the file and proposes how to read it. Of f it looks at Path and
// Name alone.
//
// Errors: *datasets.FileError where the file cannot be read, or where no column
// can be the customer or the time; the message names the columns there are.
func (f File) Guess(ctx context.Context, options csvio.Options) (*Guess, error) {
	r, err := f.Open(options)
	if err != nil {
		return nil, err
	}
	fields := r.Fields()
	if err := r.Close(); err != nil {
		return nil, err
	}
	g := &Guess{Path: f.Name, Fields: fields, Columns: map[Role]string{}, Header: options.Header, Decimal: '.'}
	g.matchNames()
	for _, role := range []Role{Customer, Time} {
		if g.Columns[role] == "" {
			return nil, g.missing(role)
		}
	}
	if err := g.guessTime(ctx, f, options); err != nil {
		return nil, err
	}
	return g, g.look(ctx, f, options)
}

// matchNames gives roles to columns by their names.
func (g *Guess) matchNames() {
	taken := map[string]bool{}
	for _, s := range synonyms {
		if s.role == Amount && g.Columns[UnitPrice] != "" {
			continue
		}
		for _, name := range s.names {
			i := slices.IndexFunc(g.Fields, func(f datasets.Field) bool { return plainName(f.Name) == name && !taken[f.Name] })
			if i >= 0 {
				g.Columns[s.role], taken[g.Fields[i].Name] = g.Fields[i].Name, true
				break
			}
		}
	}
	for _, f := range g.Fields {
		if !taken[f.Name] {
			g.Unused = append(g.Unused, f.Name)
		}
	}
}

func (g *Guess) missing(role Role) error {
	names, hint := namesOf(g.Path, &Source{CSV: csvio.Options{Header: g.Header}}, g.Fields)
	if hint == "" {
		hint = "write the job by hand, and name the column under columns"
	}
	return &datasets.FileError{Path: g.Path, Got: "columns " + strings.Join(names, ", "),
		Want: fmt.Sprintf("one that is the %s", role), Hint: hint}
}

// guessTime finds the format of the times.
func (g *Guess) guessTime(ctx context.Context, from File, options csvio.Options) error {
	s := &Source{Path: g.Path, Columns: g.Columns, CSV: options, Decimal: '.'}
	m, err := bind(s, g.Path, g.Fields, s.columns())
	if err != nil {
		return err
	}
	m.guessed = true
	f := &file{File: from, source: s, mapping: m}
	report := &Report{Formats: map[string]string{}}
	if err := settleTimes(ctx, s, []*file{f}, report); err != nil {
		g.TimeNote = err.Error()
		return nil
	}
	g.TimeFormat = report.Formats[g.Path]
	return nil
}

// look reads rows to find out about returns, free lines and decimal commas.
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
	}
	l.conclude(g)
	return nil
}

// looker counts what stands out in the orders, quantities and prices.
type looker struct {
	selected               []int
	order, quantity, price int // places in the frame; −1
	negative               map[byte]int64
	positive               map[byte]int64
	allNegative, all, free int64
	commas, points         int64
	text                   []byte
	numbers                numbers
}

func newLooker(g *Guess) *looker {
	l := &looker{negative: map[byte]int64{}, positive: map[byte]int64{}}
	at := func(roles ...Role) int {
		for _, role := range roles {
			for i, f := range g.Fields {
				if f.Name == g.Columns[role] {
					l.selected = append(l.selected, i)
					return len(l.selected) - 1
				}
			}
		}
		return -1
	}
	l.order, l.quantity, l.price = at(Order), at(Quantity), at(UnitPrice, Amount)
	return l
}

func (l *looker) row(f *datasets.Frame, i int) {
	l.all++
	dot := &Source{Decimal: '.'}
	negative := false
	if l.quantity >= 0 {
		v, _ := l.numbers.readOne(&f.Columns[l.quantity], i, dot)
		negative = v < 0
	}
	if l.price >= 0 {
		c := &f.Columns[l.price]
		v, outcome := l.numbers.readOne(c, i, dot)
		if outcome == fits && v <= 0 {
			l.free++
		}
		if c.Kind == datasets.Text {
			l.countMarks(c.TextAt(i))
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

// countMarks counts decimal signs: those followed by one or two last digits.
func (l *looker) countMarks(cell []byte) {
	for back := 2; back <= 3 && back < len(cell); back++ {
		switch cell[len(cell)-back] {
		case ',':
			l.commas++
		case '.':
			l.points++
		}
	}
}

func letter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

// conclude says what the counts mean: a letter that begins most orders with a
// negative quantity and few others marks returns; other rare letters stand out.
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
	if l.commas > 10*l.points {
		g.Decimal = ','
	}
}
