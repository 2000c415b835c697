package realdata

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// needs is set where the test binary is to be a test that needs data which nobody has.
const needs = "QUINTILE_TEST_NEEDS_DATA"

func TestOnlyAsTheSubjectOfTheOthers(t *testing.T) {
	if os.Getenv(needs) == "" {
		t.Skip("is run by the test below")
	}
	Path(t, "no-such-folder/no-such-file.csv")
	t.Fatal("got on without data")
}

func TestMissingDataSkipOrFailAsAsked(t *testing.T) {
	subject := func(data string) (string, error) {
		c := exec.Command(os.Args[0], "-test.v", "-test.run", "^TestOnlyAsTheSubjectOfTheOthers$")
		c.Env = append(os.Environ(), needs+"=1", "QUINTILE_DATA="+data)
		text, err := c.CombinedOutput()
		return string(text), err
	}
	if text, err := subject(""); err != nil || !strings.Contains(text, "--- SKIP") || !strings.Contains(text, "not beside the repository") {
		t.Errorf("got %v, %s; want it skipped with a reason", err, text)
	}
	if text, err := subject("required"); err == nil || !strings.Contains(text, "real data are required") {
		t.Errorf("QUINTILE_DATA=required: got %v, %s; want it failed with a reason", err, text)
	}
}

func TestDataAreFoundFromAnywhereInTheRepository(t *testing.T) {
	want := Path(t, "cdnow/CDNOW_master.txt")
	if !filepath.IsAbs(want) {
		t.Errorf("got %s, want an absolute path", want)
	}
	t.Chdir("..")
	if got := Path(t, "cdnow/CDNOW_master.txt"); got != want {
		t.Errorf("from another folder: got %s, want %s", got, want)
	}
	head := make([]byte, 9)
	if _, err := io.ReadFull(Open(t, "online-retail/online-retail.csv.gz"), head); err != nil || string(head) != "InvoiceNo" {
		t.Errorf("got %q, %v; want the beginning of the text unpacked", head, err)
	}
}
