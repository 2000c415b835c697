package steps

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the documents anew")

func TestDocumentsSayWhatTheStepsDeclare(t *testing.T) {
	for _, name := range []string{"outputs.md", "warnings.md"} {
		path := filepath.Join("..", "..", "docs", name)
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Document(page, Table())
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if string(page) != string(want) {
			t.Errorf("docs/%s is not what the steps declare; write it with: make golden", name)
		}
	}
}
