package importcheck

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEachRuleRefusesWhatBreaksIt(t *testing.T) {
	const hash = "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b" // of test@example.com
	f := func(system, text, want string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "file.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Check(path, system)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, fault := range r.Faults {
			got += fault.String() + "\n"
		}
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", system, got, want)
		}
	}
	f("salesforce", "Id__c,Score__c\na,1\nb,#N/A\n", "")
	f("salesforce", "Id__c,Score__c\na,1\na,2\n", "line 3, column \"Id__c\": got a key twice")
	f("salesforce", "Id__c,rfm segment\na,1\n", "API name")
	f("salesforce", "Id__c,Score__c\n#N/A,1\n", "got no key")
	f("salesforce", "Id__c,Score__c\n'+49301,1\n", "apostrophe")
	f("salesforce", "Id__c,Score__c\na,NaN\n", "missing value")
	f("salesforce", "Id__c,Score__c\na,\"1\" \n", "line 2")
	f("salesforce", "Id__c,Score__c\r\na,1\n", "line ends of two kinds")
	f("salesforce", "\ufeffId__c,Score__c\na,1\n", "byte order mark")
	f("salesforce", "Id__c,Score__c\na\n", "rows of 2 cells")
	f("salesforce", "Id__c,Score__c\na,\xff\n", "want UTF-8")
	f("salesforce", "Id__c,Score__c\na,"+strings.Repeat("x", 32_001)+"\n", "32000 characters")
	f("salesforce", "", "empty file")
	f("hubspot", "email,segment\na@b.de,x\n", "")
	f("hubspot", "mail,segment\na@b.de,x\n", "got no key")
	f("hubspot", "email,segment\nab.de,x\n", "e-mail address")
	f("hubspot", "email"+strings.Repeat(",x", 999)+"\n", "1000 columns")
	f("braze", "external_id,segment\n1,x\n", "")
	f("braze", "external_id,braze_id\n1,x\n", "two kinds")
	f("braze", "external_id,Email\n1,x\n", `want "email"`)
	f("braze", "external_id,segment\n1,#N/A\n", "missing value")
	f("braze", "user_alias_name,x\n1,2\n", "user_alias_label")
	f("klaviyo", "Email,segment\na@b.de,x\n", "")
	f("klaviyo", "segment,Email\nx,a@b.de\n", "first column")
	f("klaviyo", "Phone Number,x\n+4930123456,1\n", "")
	f("klaviyo", "Phone Number,x\n030 123456,1\n", "E.164")
	f("google_customer_match", "Email,Country\n"+hash+",DE\n", "")
	f("google_customer_match", "Email,Country\ntest@example.com,DE\n", "SHA-256")
	f("google_customer_match", "Email,Zip\n"+emptyHash+",1\n", "hash of nothing")
	f("google_customer_match", "Email,Zip\n"+hash+","+hash+"\n", "postcode")
	f("google_customer_match", "Email,Country\n,DE\n", "want one of Email, Phone, Zip")
	f("google_customer_match", "email\n"+hash+"\n", "no such header")
	f("meta_audience", "email,value\n"+hash+",12.50\n", "")
	f("meta_audience", "email,value\n"+hash+",-1\n", "from 0 on")
	f("meta_audience", "email,value\n"+strings.ToUpper(hash)+",1\n", "lower-case")
	f("generic", "op,customer,x,row_hash\ndelete,1,,\ninsert,2,x,0123456789abcdef\n", "")
	f("generic", "op,customer,x,row_hash\ndrop,1,,0123456789abcdef\n", "insert, update or delete")
	f("generic", "op,customer,x,row_hash\ndelete,1,x,\n", "nothing but the key")
	f("generic", "customer,x,row_hash\n1,x,123\n", "16 hexadecimal")
}

func TestLimitsAreCounted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file.csv")
	text := "email\n" + strings.Repeat("a@b.de\n", 1_048_576)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Check(path, "hubspot")
	if err != nil {
		t.Fatal(err)
	}
	if r.Rows != 1_048_576 || r.Count != 1_048_576 || len(r.Faults) != faultsKept { // all keys but one, and the lines
		t.Errorf("got %d rows, %d faults, %d of them listed", r.Rows, r.Count, len(r.Faults))
	}
	if _, err := Check(path, "fax"); err == nil {
		t.Error("got no error for a system that is not known")
	}
}

// FuzzCheck holds that no file makes the check panic, nor shows what stands in a cell.
func FuzzCheck(f *testing.F) {
	f.Add("op,customer\ndelete,1\n", "generic")
	f.Add("email\n\"a\n", "meta_audience")
	f.Fuzz(func(t *testing.T, text, system string) {
		path := filepath.Join(t.TempDir(), "file.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Check(path, system); err != nil && systems[system].headers != nil {
			t.Errorf("got %v for a file that can be read", err)
		}
	})
}
