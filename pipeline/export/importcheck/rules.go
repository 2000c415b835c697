// Package importcheck reads files for CRM systems and advertising platforms in the way of those systems,
// and reports faults: the system would refuse or misunderstand the data. The rules are written from the
// documents of the systems, independently of the rules for writing in package export, so that each package
// is a test of the other. docs/crm.md names the sources.
package importcheck

import (
	"regexp"
	"slices"
	"strings"
)

// rules are the rules of one system for a file.
type rules struct {
	keys       []string         // one of these names the key, which is in every row; nil: the first column
	keyFirst   bool             // and is the first column
	identities []string         // a row needs one of these; nil: the key
	headers    map[string]check // that are known
	closed     bool             // others are refused
	name       *regexp.Regexp   // what a header looks like; nil: anything
	maxBytes   int64            // of a file
	maxLines   int64            // of a file, with its header
	maxColumns int
	maxHeader  int      // characters
	maxCell    int      // characters
	null       string   // a word that means nothing; "": an empty cell
	repeats    bool     // a key may come twice
	ops        bool     // the file may have the columns op and row_hash
	reserved   []string // names of the system, whose case matters
}

// check returns the fault of a non-empty cell, or "".
type check func(cell string) string

const (
	megabyte = 1_000_000
	anyPhone = `^\+[1-9][0-9]{6,14}$` // E.164
)

var systems = map[string]rules{
	"generic": {ops: true},
	"salesforce": {
		name: regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)?$`), null: "#N/A",
		maxBytes: 100 * megabyte, maxHeader: 32_000, maxCell: 32_000,
	},
	"hubspot": {
		keys: []string{"email", "Email", "hs_object_id", "Record ID"}, maxBytes: 512 * megabyte, maxLines: 1_048_576, maxColumns: 999,
		headers: map[string]check{"email": address, "Email": address, "phone": like(anyPhone, "a number by E.164"), "Record ID": digits, "hs_object_id": digits},
	},
	"braze": {
		keys: []string{"external_id", "braze_id", "user_alias_name"}, maxBytes: 500 * megabyte,
		headers:  map[string]check{"email": address, "phone": like(anyPhone, "a number by E.164")},
		reserved: []string{"external_id", "braze_id", "user_alias_name", "user_alias_label", "email", "phone", "first_name", "last_name", "country", "language"},
	},
	"klaviyo": {
		keys: []string{"Email", "Email Address", "Phone Number"}, keyFirst: true, maxBytes: 50 * megabyte,
		headers: map[string]check{"Email": address, "Email Address": address, "Phone Number": like(anyPhone, "a number by E.164")},
	},
	"google_customer_match": {
		closed: true, repeats: true, identities: []string{"Email", "Phone", "Zip"}, maxBytes: 100 * megabyte,
		headers: map[string]check{
			"Email": hashed, "Phone": hashed, "First Name": hashed, "Last Name": hashed,
			"Country": like(`^[A-Za-z]{2}$`, "two letters that are not hashed"), "Zip": plain,
		},
	},
	"meta_audience": {
		closed: true, repeats: true, identities: []string{"email", "phone", "extern_id", "madid"}, maxBytes: 100 * megabyte,
		headers: map[string]check{
			"email": hashed, "phone": hashed, "fn": hashed, "ln": hashed, "ct": hashed, "st": hashed, "zip": hashed, "country": hashed,
			"extern_id": nil, "madid": like(`^[0-9A-Fa-f-]{32,36}$`, "an advertising id"), "value": like(`^[0-9]+(\.[0-9]+)?$`, "a number from 0 on"),
		},
	},
	"x_audience": {
		closed: true, repeats: true, identities: []string{"email", "username", "user_id"}, maxBytes: 10_000 * megabyte,
		headers: map[string]check{"email": hashed, "username": hashed, "user_id": hashed},
	},
	"tiktok_audience": {
		closed: true, repeats: true, identities: []string{"Email_SHA256", "Phone_SHA256", "MAID"}, maxBytes: 1000 * megabyte,
		headers: map[string]check{
			"Email_SHA256": hashed, "Phone_SHA256": hashed, "MAID": like(`^([0-9a-f-]{32,36}|[0-9A-F-]{32,36})$`, "an advertising id in letters of one case"),
		},
	},
}

// Systems returns the names of the systems whose files can be checked, sorted.
func Systems() []string {
	var names []string
	for name := range systems {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func like(pattern, want string) check {
	compiled := regexp.MustCompile(pattern)
	return func(cell string) string {
		if compiled.MatchString(cell) {
			return ""
		}
		return "want " + want
	}
}

// emptyHash is the SHA-256 of nothing, which matches nobody.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

var (
	isAddress = regexp.MustCompile(`^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$`)
	isHash    = regexp.MustCompile(`^[0-9a-f]{64}$`)
	isDigits  = regexp.MustCompile(`^[0-9]+$`)
)

func address(cell string) string {
	if !isAddress.MatchString(cell) {
		return "want an e-mail address"
	}
	return ""
}

func digits(cell string) string {
	if !isDigits.MatchString(cell) {
		return "want the digits of an id"
	}
	return ""
}

func hashed(cell string) string {
	switch {
	case !isHash.MatchString(cell):
		return "want SHA-256 in 64 lower-case hexadecimal digits"
	case cell == emptyHash:
		return "got the hash of nothing, want an empty cell"
	}
	return ""
}

func plain(cell string) string {
	if isHash.MatchString(strings.ToLower(cell)) {
		return "got a hash, want the postcode as it is"
	}
	return ""
}
