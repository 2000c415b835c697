package privacy

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
)

// List is a list of customers, such as customers who must not be written to. A nil list
// is empty.
type List struct {
	ids    map[string]struct{}
	sha256 string
}

// customerColumn names the column of a list with several columns.
const customerColumn = "customer"

// ReadList reads a list: a text file with an id on each line, or a CSV file with a column customer.
// Blanks around an id and empty lines are ignored.
//
// Errors: a file that cannot be read, rows that do not fit its header, several columns without a
// column customer. Ids are never shown. A misunderstood list must stop a run, since it would let
// suppressed customers through.
func ReadList(ctx context.Context, path string) (*List, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading a list of customers: %w", err)
	}
	sum := sha256.Sum256(text)
	l := &List{ids: map[string]struct{}{}, sha256: hex.EncodeToString(sum[:])}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	if !bytes.ContainsAny(first, ",;\t|") && string(trim(first)) != customerColumn {
		return l, l.addLines(path, text)
	}
	return l, l.addColumn(ctx, path)
}

func trim(id []byte) []byte { return bytes.TrimSpace(bytes.TrimPrefix(id, []byte("\ufeff"))) }

func (l *List) addLines(path string, text []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(text))
	n := 0
	for lines.Scan() {
		n++
		if id := trim(lines.Bytes()); len(id) > 0 {
			l.ids[string(id)] = struct{}{}
		}
	}
	if err := lines.Err(); err != nil {
		return &datasets.FileError{Path: path, At: fmt.Sprintf("line %d", n+1), Got: "a line of more than 64 KiB", Want: "an id on each line"}
	}
	return nil
}

func (l *List) addColumn(ctx context.Context, path string) error {
	r, err := csvio.Open(path, csvio.DefaultOptions())
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // was read only
	at := -1
	for i, f := range r.Fields() {
		if f.Name == customerColumn {
			at = i
		}
	}
	if at < 0 {
		return &datasets.FileError{Path: path, Got: "several columns, none of them customer", Want: "a column customer, or an id on each line"}
	}
	if err := r.Select([]int{at}); err != nil {
		return err
	}
	var frame datasets.Frame
	for {
		part, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = part.Decode(&frame)
		}
		if err != nil {
			return err
		}
		if len(frame.Faults) > 0 {
			return &datasets.FileError{Path: path, At: fmt.Sprintf("line %d", frame.Faults[0].Pos.Line), Got: "a row that does not fit the header",
				Want: "rows with as many cells as the header", Hint: "mend it: whom it names would not be left out"}
		}
		for i := range frame.Rows {
			if id := trim(frame.Columns[0].Texts.At(i)); len(id) > 0 {
				l.ids[string(id)] = struct{}{}
			}
		}
	}
}

// Resolve adds to the list, beside each id, the id of the customer behind it, so that a customer
// named by an alias is on the list too. Resolve must not be called beside other calls.
func (l *List) Resolve(customer func(id []byte) []byte) {
	if l == nil {
		return
	}
	var more []string
	for id := range l.ids {
		more = append(more, string(customer([]byte(id))))
	}
	for _, id := range more {
		l.ids[id] = struct{}{}
	}
}

// Has reports whether a customer is on the list. Several goroutines may ask at once.
func (l *List) Has(id []byte) bool {
	if l == nil {
		return false
	}
	_, has := l.ids[string(id)]
	return has
}

// Len returns the number of customers on the list.
func (l *List) Len() int {
	if l == nil {
		return 0
	}
	return len(l.ids)
}

// SHA256 returns the checksum of the file of the list, as its name in a manifest.
func (l *List) SHA256() string { return l.sha256 }
