package datasets

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPositionsOpenInAnEditor(t *testing.T) {
	f := func(p Position, want string) {
		t.Helper()
		if got := p.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	f(Position{Path: "orders.csv", Line: 4812, Column: "amount"}, `orders.csv:4812, column "amount"`)
	f(Position{Path: "orders.parquet", Row: 12, Column: "day"}, `orders.parquet (row 12), column "day"`)
	f(Position{Path: "orders.csv", Line: 7}, "orders.csv:7")
	f(Position{Path: "orders.csv"}, "orders.csv")
}

func TestCellErrorsSayWhereWhatAndHow(t *testing.T) {
	f := func(e CellError, want string) {
		t.Helper()
		if got := e.Error(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	at := Position{Path: "orders.csv", Line: 3, Column: "amount"}
	f(CellError{Pos: at, Got: "12,5O", Want: "an amount such as 12.50"},
		`orders.csv:3, column "amount": got "12,5O", want an amount such as 12.50`)
	f(CellError{Pos: at, Got: "1\n2", Want: "an amount", Hint: `set decimal: ","`},
		`orders.csv:3, column "amount": got "1\n2", want an amount; set decimal: ","`)
	f(CellError{Pos: at, Got: strings.Repeat("é", 50), Want: "an amount"},
		`orders.csv:3, column "amount": got "`+strings.Repeat("é", 39)+`…", want an amount`)

	personal := CellError{Pos: at, Got: "Ada Lovelace", Want: "a number", Personal: true, Err: fs.ErrInvalid}
	if strings.Contains(personal.Error(), "Ada") {
		t.Errorf("got %s, want no personal data in a message", &personal)
	}
	if !errors.Is(&personal, fs.ErrInvalid) {
		t.Error("got an error that hides its cause")
	}
}

func TestFileErrorsReadAsOneSentence(t *testing.T) {
	f := func(e FileError, want string) {
		t.Helper()
		if got := e.Error(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	f(FileError{Path: "a.csv", Got: "no column day", Want: "one"}, "a.csv: got no column day, want one")
	f(FileError{Path: "a.csv", Got: "the file ends within a quote"}, "a.csv: the file ends within a quote")
	f(FileError{Path: "a.csv", Want: "a header"}, "a.csv: want a header")
	f(FileError{Path: "a.parquet", At: "row group 3", Err: fs.ErrClosed}, "a.parquet, row group 3: file already closed")
	f(FileError{Path: "a.csv", Got: "UTF-16", Want: "UTF-8", Hint: "set encoding: utf-16", Err: fs.ErrInvalid},
		"a.csv: got UTF-16, want UTF-8: invalid argument; set encoding: utf-16")
	if !errors.Is(&FileError{Err: fs.ErrClosed}, fs.ErrClosed) {
		t.Error("got an error that hides its cause")
	}
}

func TestClipKeepsWholeCharacters(t *testing.T) {
	f := func(text string, n int, want string) {
		t.Helper()
		got := Clip(text, n)
		if got != want || utf8.RuneCountInString(got) > n {
			t.Errorf("%q to %d: got %q, want %q", text, n, got, want)
		}
	}
	f("", 3, "")
	f("abc", 3, "abc")
	f("abcd", 3, "ab…")
	f("äöüß", 4, "äöüß")
	f("äöüß!", 4, "äöü…")
	f("ab", 1, "…")
}
