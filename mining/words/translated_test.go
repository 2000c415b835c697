package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// headings are the fields of the parts of a page that hold texts of ours.
var headings = map[string][]string{
	"Section": {"Title", "Text"}, "Table": {"Title", "Head"}, "Bars": {"Title"}, "Lines": {"Title", "XName", "YName"}, "Line": {"Name"},
	"Heatmap": {"Title", "XName", "YName"}, "Scatter": {"Title", "XName", "YName"}, "Stack": {"Title", "Parts"},
	"Cards": {"Title"}, "Flow": {"Title", "LeftName", "RightName"}, "Multiples": {"Title"},
	"Action": {"Do", "Stake", "Why", "Offer", "Where"}, "Fact": {"Name"}, "Highlight": {"Name"}, "Chapter": {"Title"},
}

// speakers are the methods whose first argument is a text to be translated.
var speakers = []string{"Say", "Text", "Heading"}

// tables are the variables whose values are texts to be translated: what to do with the groups of
// a grouping, and the titles of chapters.
var tables = []string{"actions", "chapters"}

// collector lists the English texts of a file of Go.
type collector struct{ texts, all map[string]bool } // of ours for people, and all

func (c *collector) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.BasicLit, *ast.BinaryExpr:
		if text, whole := joined(n.(ast.Expr)); whole {
			c.all[text] = true
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) > 0 && slices.Contains(speakers, f.Sel.Name) {
			c.literals(n.Args[0])
		}
	case *ast.CompositeLit:
		c.composite(typeName(n.Type), n)
	case *ast.ValueSpec:
		if len(n.Names) == 1 && slices.Contains(tables, n.Names[0].Name) && len(n.Values) == 1 {
			for _, e := range n.Values[0].(*ast.CompositeLit).Elts {
				c.literals(e.(*ast.KeyValueExpr).Value)
			}
		}
	}
	return c
}

// composite lists the headings of a part of a page, and of the parts of a list of these.
func (c *collector) composite(name string, n *ast.CompositeLit) {
	if array, ok := n.Type.(*ast.ArrayType); ok {
		name = typeName(array.Elt)
		for _, e := range n.Elts {
			if part, ok := e.(*ast.CompositeLit); ok && part.Type == nil {
				c.composite(name, part)
			}
		}
		return
	}
	for _, e := range n.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && slices.Contains(headings[name], key.Name) {
				c.literals(kv.Value)
			}
		}
	}
}

func typeName(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok && (x.Name == "page" || x.Name == "report") {
			return s.Sel.Name
		}
	}
	return ""
}

// literals lists the texts of an expression, of which sums of literals are one.
func (c *collector) literals(e ast.Expr) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING && strings.ContainsFunc(text, isLetter) {
			c.texts[text] = true
		}
	case *ast.BinaryExpr:
		if text, whole := joined(e); whole {
			c.texts[text] = true
		}
	case *ast.CompositeLit:
		for _, part := range e.Elts {
			c.literals(part)
		}
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "WithCurrency" {
			c.literals(e.Args[0])
		}
	}
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// joined returns the text of a sum of literals.
func joined(e ast.Expr) (text string, whole bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		left, first := joined(e.X)
		right, second := joined(e.Y)
		return left + right, first && second
	}
	return "", false
}

// englishTexts lists the texts for people in the code of the steps, the run and the program.
func englishTexts(t *testing.T) (texts []string, all map[string]bool) {
	t.Helper()
	c := &collector{map[string]bool{}, map[string]bool{}}
	for _, root := range []string{"../../mining", "../../pipeline", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Walk(c, file)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for text := range c.texts {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return texts, c.all
}

func TestEveryTextForPeopleIsTranslated(t *testing.T) {
	texts, all := englishTexts(t)
	if len(texts) < 100 {
		t.Fatalf("got %d texts, want those of all steps", len(texts))
	}
	each(t, func(t *testing.T, w *Words) {
		for _, text := range texts {
			if !w.Translated(text) {
				t.Errorf("%s lacks: %s", w.language, strconv.Quote(text))
			}
		}
		for text := range w.file.Texts {
			if !all[text] {
				t.Errorf("%s translates what nobody says: %q", w.language, text)
			}
		}
	})
}

func TestTranslationsTakeTheArgumentsOfTheEnglishText(t *testing.T) {
	each(t, func(t *testing.T, w *Words) {
		for english, text := range w.file.Texts {
			if strings.Count(english, "%")-2*strings.Count(english, "%%") != strings.Count(text, "%")-2*strings.Count(text, "%%") {
				t.Errorf("%s: got %q for %q, want as many arguments", w.language, text, english)
			}
		}
	})
}
