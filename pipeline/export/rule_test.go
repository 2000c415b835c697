package export

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestHashesAgreeWithAnotherTool reads what testdata/hashes.py has written.
func TestHashesAgreeWithAnotherTool(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "hashes.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ Profile, Header, Text, Want string }
	if err := json.Unmarshal(text, &rows); err != nil || len(rows) < 20 {
		t.Fatal(len(rows), err)
	}
	for _, row := range rows {
		h, ok := Lookup(row.Profile).header(row.Header)
		if !ok {
			t.Fatalf("%s has no header %s", row.Profile, row.Header)
		}
		if got := string(h.Rule.apply(nil, []byte(row.Text), "")); got != row.Want {
			t.Errorf("%s, %s, %q: got %q, want %q", row.Profile, row.Header, row.Text, got, row.Want)
		}
	}
}

// TestThePublishedExampleOfXIsMet has the hash that developer.x.com shows.
func TestThePublishedExampleOfXIsMet(t *testing.T) {
	const want = "49e0be2aeccfb51a8dee4c945c8a70a9ac500cf6f5cb08112575f74db9b1470d"
	r := Rule{Form: Words, Hash: true}
	for _, text := range []string{"adsapi", " AdsAPI ", want} { // what is hashed already stays
		if got := string(r.apply(nil, []byte(text), "")); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestAddressesThatCannotBeOnesAreNone(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		r := Rule{Form: Email}
		if got := string(r.apply(nil, []byte(text), "")); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	f(" Ann@Shop.Example ", "ann@shop.example")
	f("x@y.z", "x@y.z") // as short as one can be
	f("x@y.", "")
	f("x@.z", "")
	f("x@y", "")
	f("@y.z", "")
	f("x@y@y.z", "")
	f("x y@y.z", "")
}

func TestPhoneNumbers(t *testing.T) {
	f := func(text, prefix, want string) {
		t.Helper()
		r := Rule{Form: Phone, Plus: true}
		if got := string(r.apply([]byte("x"), []byte(text), prefix)); got != "x"+want {
			t.Errorf("%q: got %q, want %q", text, got, "x"+want)
		}
	}
	f("+49 30/123-4567", "", "+49301234567")
	f("030 1234567", "49", "+49301234567")
	f("030 1234567", "", "")
	f("(030) 123.4567", "49", "+49301234567")
	f("00 49 30 1234567", "1", "+49301234567")
	f("+49", "", "")
	f("+49 30 1234567 ext 5", "", "")
	f("+1234567890123456", "", "") // sixteen digits
	f("", "49", "")
}

// FuzzRule holds that what a rule makes is either nothing or of its form, and that the rule
// leaves its own work alone.
func FuzzRule(f *testing.F) {
	f.Add("a.b@gmail.com", "49", uint8(2), true)
	f.Add("+49 (0)30 1", "", uint8(3), false)
	f.Fuzz(func(t *testing.T, text, prefix string, form uint8, hash bool) {
		for _, c := range prefix {
			if c < '1' || c > '9' {
				return
			}
		}
		if len(prefix) > 3 {
			return
		}
		r := Rule{Form: Form(form % 8), Plus: true, Hash: hash, Undot: []string{"gmail.com"}}
		once := r.apply(nil, []byte(text), prefix)
		if hash && len(once) != 0 && !isHash(once) && r.Form > AsIs {
			t.Errorf("got %q for %q, want a hash", once, text)
		}
		if twice := r.apply(nil, once, prefix); r.Form != Words && string(twice) != string(once) {
			t.Errorf("form %d: got %q, then %q for %q", r.Form, once, twice, text)
		}
	})
}
