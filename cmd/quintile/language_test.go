package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A stand-in makes a reader look back for a noun. Comments and documents are read by many whose first language is not
// English, so the number of stand-ins is bounded: per package, per document, and in each sentence.
const (
	commentBound  = 5.0 // stand-ins in 100 words of the comments of a package
	documentBound = 4.0 // stand-ins in 100 words of a document
	sentenceBound = 3   // stand-ins in a sentence
)

// standIns are the words that are counted.
var standIns = strings.Fields("it its they them their those these that which what such whose one ones others other " +
	"whoever whom")

// notYetPlain lists the packages and documents that are still beyond a bound. The list only shrinks: the test fails
// for an entry that has come within the bounds.
var notYetPlain = strings.Fields(`
`)

// sentenceEnd separates the parts of a text that are counted as sentences.
var sentenceEnd = regexp.MustCompile(`[.!?:;]\s+`)

var (
	word        = regexp.MustCompile(`[A-Za-z']+`)
	codeBlock   = regexp.MustCompile("(?s)```.*?```")
	commentLine = regexp.MustCompile(`^\s*//\s?(.*)`)
)

// wording is the count of one package or document.
type wording struct {
	words, standIns int
	hard            []string // sentences beyond the bound
}

// add counts one paragraph of a document or one block of comments.
func (w *wording) add(text string) {
	for _, sentence := range sentenceEnd.Split(text, -1) {
		words := word.FindAllString(sentence, -1)
		if len(words) < 3 {
			continue // a heading, a label
		}
		n := 0
		for _, s := range words {
			if slices.Contains(standIns, strings.ToLower(s)) {
				n++
			}
		}
		w.words += len(words)
		w.standIns += n
		if n > sentenceBound {
			w.hard = append(w.hard, sentence)
		}
	}
}

// share returns the stand-ins in 100 words.
func (w *wording) share() float64 { return 100 * float64(w.standIns) / float64(max(1, w.words)) }

// comments counts the comments of a Go file that fill whole lines, except directives and notes to linters.
func (w *wording) comments(text string) {
	var block []string
	for line := range strings.Lines(text + "\n\n") {
		found := commentLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if found != nil && !strings.HasPrefix(found[1], "\t") && !strings.HasPrefix(found[1], "go:") &&
			!strings.HasPrefix(found[1], "nolint") {
			block = append(block, strings.TrimRight(found[1], " "))
			continue
		}
		w.add(strings.Join(block, " "))
		block = nil
	}
}

// document counts the paragraphs of a Markdown file, without headings, tables and blocks of code.
func (w *wording) document(text string) {
	for _, paragraph := range strings.Split(codeBlock.ReplaceAllString(text, ""), "\n\n") {
		paragraph = strings.TrimLeft(paragraph, "\n \t")
		if !strings.HasPrefix(paragraph, "|") && !strings.HasPrefix(paragraph, "#") {
			w.add(strings.Join(strings.Fields(paragraph), " "))
		}
	}
}

func TestStandInsAreCountedBySentence(t *testing.T) {
	var w wording
	w.comments("// It counts what one says of them. A plain sentence follows.\n//\n//\tit(those)\n\nvar x int // what it is\n")
	if w.words != 11 || w.standIns != 4 || len(w.hard) != 1 {
		t.Errorf("comments: got %d words, %d stand-ins, hard %q; want 11, 4 and one", w.words, w.standIns, w.hard)
	}
	w = wording{}
	w.document("# What it is\n\nThose who read: one table.\n\n| what | it |\n\n```\nit it it\n```\n")
	if w.words != 3 || w.standIns != 1 || w.hard != nil {
		t.Errorf("document: got %d words, %d stand-ins, hard %q; want 3, 1 and none", w.words, w.standIns, w.hard)
	}
}

// TestCommentsAndDocumentsNameTheirNouns keeps the bounds; with -v it prints the counts.
func TestCommentsAndDocumentsNameTheirNouns(t *testing.T) {
	counts := map[string]*wording{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if entry.IsDir() {
			return skip(name)
		}
		isGo, isDocument := strings.HasSuffix(name, ".go"), strings.HasSuffix(name, ".md")
		if !isGo && !isDocument || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		if isGo {
			name = name[:max(0, strings.LastIndexByte(name, '/'))]
		}
		if counts[name] == nil {
			counts[name] = &wording{}
		}
		text, err := os.ReadFile(path)
		if isGo {
			counts[name].comments(string(text))
		} else {
			counts[name].document(string(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range counts {
		w.check(t, name)
	}
	for _, name := range notYetPlain {
		if counts[name] == nil {
			t.Errorf("%s is gone: take it off the list notYetPlain", name)
		}
	}
}

// skip passes over folders of other people's text, of data and of generated code.
func skip(folder string) error {
	base := folder[strings.LastIndexByte(folder, '/')+1:]
	if base == "testdata" || base == "gen" || base == "out" || strings.HasPrefix(base, ".") && base != "." && base != ".." {
		return filepath.SkipDir
	}
	return nil
}

func (w *wording) check(t *testing.T, name string) {
	t.Helper()
	bound := commentBound
	if strings.HasSuffix(name, ".md") {
		bound = documentBound
	}
	if testing.Verbose() {
		t.Logf("%5.1f %6d words  %s", w.share(), w.words, name)
	}
	plain := w.share() <= bound && len(w.hard) == 0
	if slices.Contains(notYetPlain, name) {
		if plain {
			t.Errorf("%s is within the bounds: take it off the list notYetPlain", name)
		}
		return
	}
	if w.share() > bound {
		t.Errorf("%s: got %.1f stand-ins (it, that, which, what, one…) in 100 words, want at most %g; name the nouns",
			name, w.share(), bound)
	}
	for _, sentence := range w.hard {
		t.Errorf("%s: got more than %d stand-ins in %q; name the nouns, or split the sentence", name, sentenceBound, sentence)
	}
}
