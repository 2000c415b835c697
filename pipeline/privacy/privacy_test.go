package privacy

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const key = "0123456789abcdef0123456789abcdef"

// TestPseudonymsAgreeWithAnotherTool has what Python's hmac.new(key, id, "sha256").hexdigest()
// gives, and the second example of RFC 4231 by way of a key that is padded with zero bytes,
// which HMAC does itself.
func TestPseudonymsAgreeWithAnotherTool(t *testing.T) {
	f := func(key, id, want string) {
		t.Helper()
		p, err := NewPseudonyms([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time with the same memory
			if got := string(p.Append([]byte("x"), []byte(id))); got != "x"+want {
				t.Errorf("%q: got %s, want %s", id, got, want)
			}
		}
	}
	f(key, "17850", "3611394a44c6460d6b3d57b38e3a210e7e24171bfd6b828b26c42711b0767631")
	f(key, "+49 30 1234567", "f6c2195cd17d98e5f397e3c2177bdf7d69ca909546edb7390ec596addd7a3d4e")
	f(key, "Zoë", "64bd0b89f9500306e666f1a29148521b83cdc43874181e432eb134a708c2b67a")
	f(key, "", "")
	f("Jefe"+strings.Repeat("\x00", 28), "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
}

func TestPseudonymsAreForSeveralGoroutines(t *testing.T) {
	p, err := NewPseudonyms([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	want := string(p.Append(nil, []byte("17850")))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 1000 {
				p.Append(nil, []byte("other"))
				if got := string(p.Append(nil, []byte("17850"))); got != want {
					t.Errorf("got %s, want %s", got, want)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestAKeyIsReadAndNeverShown(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "key")
	if err := os.WriteFile(path, []byte(key+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lookup := func(name string) (string, bool) {
		text, ok := map[string]string{"KEY": key, "SHORT": "secret"}[name]
		return text, ok
	}
	one, err := (&Pseudonym{KeyEnv: "KEY"}).Open(lookup)
	if err != nil {
		t.Fatal(err)
	}
	other, err := (&Pseudonym{KeyFile: path}).Open(lookup)
	if err != nil {
		t.Fatal(err)
	}
	if string(one.Append(nil, []byte("a"))) != string(other.Append(nil, []byte("a"))) {
		t.Error("got other pseudonyms from a file than from the environment")
	}
	for _, bad := range []Pseudonym{{}, {KeyEnv: "KEY", KeyFile: path}, {KeyEnv: "SHORT"}, {KeyEnv: "NONE"}, {KeyFile: path + "s"}} {
		if _, err := bad.Open(lookup); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: got %v", bad, err)
		}
	}
}

func TestListsAreReadInBothForms(t *testing.T) {
	f := func(text, want string, ids ...string) *List {
		t.Helper()
		path := filepath.Join(t.TempDir(), "list.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := ReadList(context.Background(), path)
		if want != "" {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "17850") {
				t.Errorf("%q: got %v, want %q", text, err, want)
			}
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		if l.Len() != len(ids) {
			t.Errorf("%q: got %d ids, want %d", text, l.Len(), len(ids))
		}
		for _, id := range ids {
			if !l.Has([]byte(id)) {
				t.Errorf("%q: %s is missing", text, id)
			}
		}
		if l.Has([]byte("nobody")) || l.Has(nil) || len(l.SHA256()) != 64 {
			t.Errorf("%q: got nobody, or no checksum", text)
		}
		return l
	}
	f("17850\n13047\n", "", "17850", "13047")
	f("\ufeff17850\r\n\r\n 13047 \r\n17850", "", "17850", "13047")
	f("customer\n17850\n", "", "17850")
	f("customer,reason\n17850,asked\n\"a,b\",asked\n", "", "17850", "a,b")
	f("since;customer\n2024-01-01;+4930\n", "", "+4930")
	f("", "")
	f("id,reason\n17850,asked\n", "none of them customer")
	f("customer,reason\n17850\n", "line 2")
	f(strings.Repeat("1", 1<<17)+"\n", "64 KiB")
	if (*List)(nil).Has([]byte("a")) || (*List)(nil).Len() != 0 {
		t.Error("got somebody on no list")
	}
	if _, err := ReadList(context.Background(), filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("got no error for a list that is not there")
	}
}

func TestAListHasWhomItsIdsStandFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(path, []byte("app\n17850\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := ReadList(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	customer := func(id []byte) []byte {
		if string(id) == "app" {
			return []byte("13047")
		}
		return id
	}
	l.Resolve(customer)
	(*List)(nil).Resolve(customer)
	for _, id := range []string{"13047", "17850"} {
		if !l.Has([]byte(id)) {
			t.Errorf("%s is missing", id)
		}
	}
}

func TestFingerprintsTellKeysApart(t *testing.T) {
	of := func(key string) string {
		t.Helper()
		p, err := NewPseudonyms([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		return p.Fingerprint()
	}
	if one := of(key); one != of(key) || one == of(key+"x") || len(one) != 16 {
		t.Errorf("got %s, want 16 digits of the key alone", one)
	}
}
