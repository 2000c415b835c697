package export

import "slices"

// Profile holds the requirements of one system for its import files: a table of rules for
// the writer. The sources of the rules are named in docs/crm.md.
type Profile struct {
	Name      string // in the job file
	System    string // for people
	Delimiter byte
	CRLF      bool
	// Null is written for a missing value. Clears is set where the system takes Null as
	// "set to nothing"; otherwise a missing value leaves the value in the system.
	Null   string
	Clears bool
	Time   string // layout of instants, as in package time

	Object     bool     // a file is of one object, which the job names
	KeyHeaders []string // by which the system knows its key, the first by default; nil: any, by default the column's name
	Headers    []Header // those that the system knows; further ones are fields of the user's own
	Closed     bool     // there are no further ones

	MaxBytes   int64 // of a file; 0: any
	MaxRows    int64 // of a file, without its header; 0: any
	MaxColumns int   // 0: any

	Ops    bool  // one delta with op and row_hash, and full files without limits
	Sparse bool  // a delta has only the fields that changed; the others are empty
	Leave  Leave // what is written for customers who are no longer in the file
	// Audience is set where the system finds people by identifiers, not by our ids: a row
	// needs one identifier, and consent must be settled.
	Audience bool
}

// Leave says what is written for customers who are no longer in the file.
type Leave uint8

// The ways to tell a system about those who leave.
const (
	LeaveOp    Leave = iota // a row of the delta with op delete
	LeaveClear              // a row in remove that sets each field to nothing
	LeaveKey                // a row in remove with the key
	LeaveRow                // the row as it was sent, in remove
)

// Header is a name in the first row that a system knows.
type Header struct {
	Name     string
	Rule     Rule
	Identity bool // of an audience: enough to find a person by
}

// Profiles returns all profiles in the order of the documentation.
func Profiles() []*Profile {
	return []*Profile{&generic, &salesforce, &hubspot, &braze, &klaviyo, &googleCustomerMatch, &metaAudience, &xAudience, &tiktokAudience}
}

// Lookup returns the profile of a name, nil where there is none.
func Lookup(name string) *Profile {
	all := Profiles()
	at := slices.IndexFunc(all, func(p *Profile) bool { return p.Name == name })
	if at < 0 {
		return nil
	}
	return all[at]
}

// header returns what the system knows of a header.
func (p *Profile) header(name string) (Header, bool) {
	at := slices.IndexFunc(p.Headers, func(h Header) bool { return h.Name == name })
	if at < 0 {
		return Header{Name: name}, false
	}
	return p.Headers[at], true
}
