package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// listed is the description of a package by go list.
type listed struct {
	Dir, ImportPath string
	GoFiles         []string
	TestGoFiles     []string
	XTestGoFiles    []string
}

// list returns the packages of the patterns that have tests of their own.
func list(ctx context.Context, patterns []string) ([]listed, error) {
	args := append([]string{"list", "-json=Dir,ImportPath,GoFiles,TestGoFiles,XTestGoFiles"}, patterns...)
	text, err := exec.CommandContext(ctx, "go", args...).Output()
	if err != nil {
		return nil, fmt.Errorf("listing packages: %w", err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		if len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 {
			all = append(all, p)
		}
	}
}

// kind is a kind of slip.
type kind string

// The kinds of slips.
const (
	droppedError kind = "error dropped"
	comparison   kind = "comparison"
	arithmetic   kind = "arithmetic"
	logic        kind = "logic"
	negated      kind = "condition negated"
	constant     kind = "constant"
)

// mutant is a small change of a file.
type mutant struct {
	pkg      string
	file     string
	line     int
	function string
	kind     kind
	from, to int    // bytes of the file that are replaced
	was, by  string // what they are, and by what
	code     string // the line, without blanks at its ends
	nth      int    // among those of the file that look alike, from 0
}

// key names a mutant. The name outlives changes elsewhere in the file.
func (m *mutant) key() string {
	key := fmt.Sprintf("%s %s: %s: %s => %s: %s", relative(m.file), m.function, m.kind, m.was, m.by, m.code)
	if m.nth > 0 {
		key += fmt.Sprintf(" (%d)", m.nth+1)
	}
	return key
}

// mutantsOf finds every place of the packages where a mutant is possible.
func mutantsOf(packages []listed) ([]mutant, error) {
	var all []mutant
	for _, p := range packages {
		for _, name := range p.GoFiles {
			path := filepath.Join(p.Dir, name)
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			found, err := placesOf(path, text)
			if err != nil {
				return nil, err
			}
			for _, m := range found {
				m.pkg = p.ImportPath
				all = append(all, m)
			}
		}
	}
	return all, nil
}

// generated is the line in which generated files declare their origin.
var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// placesOf finds the places of a file.
func placesOf(path string, text []byte) ([]mutant, error) {
	if generated.Match(text) {
		return nil, nil
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := &finder{set: set, path: path, text: text}
	for _, d := range tree.Decls {
		function, ok := d.(*ast.FuncDecl)
		if !ok || function.Body == nil {
			continue // what stands in tables and types is data
		}
		f.function = function.Name.Name
		ast.Inspect(function.Body, f.visit)
	}
	alike := map[string]int{}
	for i := range f.found {
		key := f.found[i].key()
		f.found[i].nth = alike[key]
		alike[key]++
	}
	return f.found, nil
}

// finder collects the places of a file.
type finder struct {
	set      *token.FileSet
	path     string
	text     []byte
	function string
	found    []mutant
}

// swaps maps each operator to the operator that a slip would write.
var swaps = map[token.Token]struct {
	by   token.Token
	kind kind
}{
	token.LSS: {token.LEQ, comparison}, token.LEQ: {token.LSS, comparison},
	token.GTR: {token.GEQ, comparison}, token.GEQ: {token.GTR, comparison},
	token.EQL: {token.NEQ, comparison}, token.NEQ: {token.EQL, comparison},
	token.ADD: {token.SUB, arithmetic}, token.SUB: {token.ADD, arithmetic},
	token.MUL: {token.QUO, arithmetic}, token.QUO: {token.MUL, arithmetic},
	token.LAND: {token.LOR, logic}, token.LOR: {token.LAND, logic},
}

// visit looks at a node.
func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "panic" {
			return false // words about bugs of our own
		}
	case *ast.IfStmt:
		f.condition(n)
	case *ast.ReturnStmt:
		f.lastError(n)
	case *ast.BinaryExpr:
		if isErrorTest(n) {
			return true // see condition
		}
		if s, ok := swaps[n.Op]; ok {
			f.add(s.kind, n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), s.by.String())
		}
	case *ast.BasicLit:
		f.number(n)
	}
	return true
}

// isErrorTest reports whether an expression is err != nil.
func isErrorTest(e ast.Expr) bool {
	b, ok := e.(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ {
		return false
	}
	left, ok1 := b.X.(*ast.Ident)
	right, ok2 := b.Y.(*ast.Ident)
	return ok1 && ok2 && right.Name == "nil" && strings.HasPrefix(strings.ToLower(left.Name), "err")
}

// condition negates a condition, or drops the error that the condition looks at.
func (f *finder) condition(n *ast.IfStmt) {
	if isErrorTest(n.Cond) {
		f.add(droppedError, n.Cond.Pos(), n.Cond.End(), "false && "+f.textOf(n.Cond))
		return
	}
	f.add(negated, n.Cond.Pos(), n.Cond.End(), "!("+f.textOf(n.Cond)+")")
}

// lastError drops an error that a function returns unchanged.
func (f *finder) lastError(n *ast.ReturnStmt) {
	if len(n.Results) == 0 {
		return
	}
	last := n.Results[len(n.Results)-1]
	if name, ok := last.(*ast.Ident); ok && name.Name == "err" {
		f.add(droppedError, last.Pos(), last.End(), "nil")
	}
}

// number replaces a whole number by the next number, and doubles any other number.
func (f *finder) number(n *ast.BasicLit) {
	switch n.Kind {
	case token.INT:
		if v, err := strconv.ParseInt(n.Value, 10, 32); err == nil {
			f.add(constant, n.Pos(), n.End(), fmt.Sprint(v+1))
		}
	case token.FLOAT:
		f.add(constant, n.Pos(), n.End(), "(2*"+n.Value+")")
	}
}

func (f *finder) offset(p token.Pos) int { return f.set.Position(p).Offset }

func (f *finder) textOf(n ast.Node) string {
	return string(f.text[f.offset(n.Pos()):f.offset(n.End())])
}

func (f *finder) add(k kind, from, to token.Pos, by string) {
	start, end := f.offset(from), f.offset(to)
	first := bytes.LastIndexByte(f.text[:start], '\n') + 1
	last := len(f.text)
	if at := bytes.IndexByte(f.text[start:], '\n'); at >= 0 {
		last = start + at
	}
	f.found = append(f.found, mutant{
		file: f.path, line: f.set.Position(from).Line, function: f.function, kind: k, from: start, to: end,
		was: oneLine(string(f.text[start:end])), by: by, code: strings.TrimSpace(string(f.text[first:last])),
	})
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// draw returns the places in the order of the tries: by chance, every fourth of them a dropped
// error as long as dropped errors are left.
func draw(all []mutant, seed uint64) []mutant {
	rng := rand.New(rand.NewPCG(seed, 0))
	shuffled := slices.Clone(all)
	rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	var dropped, others, out []mutant
	for _, m := range shuffled {
		if m.kind == droppedError {
			dropped = append(dropped, m)
		} else {
			others = append(others, m)
		}
	}
	for len(dropped)+len(others) > 0 {
		from := &others
		if len(out)%4 == 0 && len(dropped) > 0 || len(others) == 0 {
			from = &dropped
		}
		out = append(out, (*from)[0])
		*from = (*from)[1:]
	}
	return out
}
