package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// blocks returns the fenced blocks of a language in a page, without the indent
// of their fences.
func blocks(page, language string) []string {
	var out []string
	lines := strings.Split(page, "\n")
	for i := 0; i < len(lines); i++ {
		indent, fenced := strings.CutSuffix(lines[i], "```"+language)
		if !fenced {
			continue
		}
		var block []string
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) != "```"; i++ {
			block = append(block, strings.TrimPrefix(lines[i], indent))
		}
		out = append(out, strings.Join(block, "\n")+"\n")
	}
	return out
}

// TestREADMEJobReads parses the job that the README shows.
func TestREADMEJobReads(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	jobs := blocks(string(text), "yaml")
	if len(jobs) == 0 {
		t.Fatal("got no job in the README")
	}
	for _, text := range jobs {
		job, err := Parse("README.md", []byte(text))
		if err != nil {
			t.Errorf("%v in\n%s", err, text)
			continue
		}
		in := job.Inputs.Transactions
		if job.Job == "" || len(in) == 0 || in[0].Columns["customer"] == "" || job.Steps.Get("rfm") == nil {
			t.Errorf("got %+v, want the job that stands there", job)
		}
	}
}
