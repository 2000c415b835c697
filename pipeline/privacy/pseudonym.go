package privacy

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"
)

// MinKey is the least number of bytes of a key: with fewer, keys can be tried out.
const MinKey = 32

// Pseudonyms replaces ids by HMAC-SHA-256 under a key: the same id has the same pseudonym in
// every run, and without the key nobody can find the id, not even by trying out ids. Several
// goroutines may use a Pseudonyms at once.
type Pseudonyms struct {
	macs sync.Pool
}

// NewPseudonyms returns the pseudonyms of a key.
//
// Errors: a key of fewer than MinKey bytes.
func NewPseudonyms(key []byte) (*Pseudonyms, error) {
	if len(key) < MinKey {
		return nil, fmt.Errorf("got a key of %d bytes, want at least %d; make one with: openssl rand -hex 32", len(key), MinKey)
	}
	key = bytes.Clone(key)
	p := &Pseudonyms{}
	p.macs.New = func() any {
		m := &mac{}
		m.hash = hmac.New(sha256.New, key)
		return m
	}
	return p, nil
}

type mac struct {
	hash interface {
		Write([]byte) (int, error)
		Sum([]byte) []byte
		Reset()
	}
	sum [sha256.Size]byte
}

// Append appends the pseudonym of an id: 64 hexadecimal digits in lower case. Nothing has
// none.
func (p *Pseudonyms) Append(dst, id []byte) []byte {
	if len(id) == 0 {
		return dst
	}
	m := p.macs.Get().(*mac)
	m.hash.Reset()
	_, _ = m.hash.Write(id) // a hash never fails
	dst = hex.AppendEncode(dst, m.hash.Sum(m.sum[:0]))
	p.macs.Put(m)
	return dst
}

// keyLabel is the text from which Fingerprint makes a pseudonym. No id has a zero byte at
// its beginning.
const keyLabel = "\x00quintile: fingerprint of a key"

// Fingerprint tells keys apart without telling the key: 16 hexadecimal digits, the same for the
// same key.
func (p *Pseudonyms) Fingerprint() string { return string(p.Append(nil, []byte(keyLabel))[:16]) }

// Open reads the key named in the settings and returns the pseudonyms. lookup finds an
// environment variable. A line end at the end of a file is not part of the key.
//
// Errors: no key, two keys, or a key too short. The key is never shown.
func (s *Pseudonym) Open(lookup func(string) (string, bool)) (*Pseudonyms, error) {
	var key []byte
	from := ""
	switch {
	case (s.KeyEnv == "") == (s.KeyFile == ""):
		return nil, errors.New("got no key, or two, want one of key_env and key_file")
	case s.KeyEnv != "":
		from = "the environment variable " + s.KeyEnv
		text, set := lookup(s.KeyEnv)
		if !set {
			return nil, fmt.Errorf("%s: got none, want it to hold the key", from)
		}
		key = []byte(text)
	default:
		from = s.KeyFile
		text, err := os.ReadFile(s.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("reading the key: %w", err)
		}
		key = bytes.TrimRight(text, "\r\n")
	}
	p, err := NewPseudonyms(key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	return p, nil
}
