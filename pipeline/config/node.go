package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// node is a YAML value with its place in the file, aliases and merges resolved.
type node struct {
	line, column int
	kind         kind
	text         string // of a scalar
	quoted       bool
	entries      []entry // of a mapping
	items        []*node // of a sequence
	size, height int     // nodes of the tree, and how deep it is
}

type kind uint8

const (
	null kind = iota
	word
	mapping
	sequence
)

func (k kind) String() string {
	return [...]string{"nothing", "a value", "a block of fields", "a list"}[k]
}

type entry struct {
	key          string
	line, column int
	value        *node
}

// parse reads one YAML document.
func parse(path string, data []byte) (root *node, err error) {
	defer func() {
		if r := recover(); r != nil { // the library may panic on damaged input
			root, err = nil, fmt.Errorf("%s: got text that is not YAML: %v", path, r)
		}
	}()
	if err := bounded(path, data); err != nil {
		return nil, err
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, syntaxError(path, err)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			return nil, fmt.Errorf("%s:%d: got a second document, want one job a file", path, doc.Body.GetToken().Position.Line)
		}
		body = doc.Body
	}
	if body == nil {
		return nil, fmt.Errorf("%s: got an empty file, want a job; write one with: quintile init FILE", path)
	}
	r := resolver{path: path, anchors: map[string]*node{}}
	root = r.resolve(body, 0)
	return root, errors.Join(r.faults...)
}

// syntaxError gives the library's message the form of ours.
func syntaxError(path string, err error) error {
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) && syntax.Token != nil {
		at := syntax.Token.Position
		return fmt.Errorf("%s:%d:%d: got text that is not YAML: %s", path, at.Line, at.Column, syntax.Message)
	}
	return fmt.Errorf("%s: got text that is not YAML: %s", path, strings.TrimSpace(err.Error()))
}

type resolver struct {
	path    string
	anchors map[string]*node
	nodes   int // so far, aliases counted as what they stand for
	faults  []error
}

// grown adds a part to the size and height of a node.
func (n *node) grown(part *node) {
	n.size += part.size
	n.height = max(n.height, part.height+1)
}

func (r *resolver) fault(n *node, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s:%d:%d: %s", r.path, n.line, n.column, fmt.Sprintf(format, args...)))
}

func (r *resolver) resolve(a ast.Node, depth int) *node {
	n := &node{size: 1}
	if a == nil || r.nodes > maxNodes {
		return n
	}
	if r.nodes++; r.nodes > maxNodes {
		r.faults = append(r.faults, tooMany(r.path))
		return n
	}
	if t := a.GetToken(); t != nil && t.Position != nil {
		n.line, n.column = t.Position.Line, t.Position.Column
	}
	if depth > maxDepth {
		r.fault(n, "got blocks nested more than %d deep", maxDepth)
		return n
	}
	switch a := a.(type) {
	case *ast.AnchorNode:
		n = r.resolve(a.Value, depth+1)
		r.anchors[a.Name.GetToken().Value] = n
	case *ast.AliasNode:
		name := a.Value.GetToken().Value
		if target, ok := r.anchors[name]; ok {
			return r.again(target, n, depth)
		}
		r.fault(n, "got the alias *%s, want one of an anchor above", name)
	case *ast.TagNode:
		return r.resolve(a.Value, depth+1)
	case *ast.MappingNode:
		n.kind = mapping
		if len(a.Values) > 0 {
			at := a.Values[0].Key.GetToken().Position
			n.line, n.column = at.Line, at.Column
		}
		r.fill(n, a.Values, depth)
	case *ast.MappingValueNode:
		n.kind = mapping
		at := a.Key.GetToken().Position
		n.line, n.column = at.Line, at.Column
		r.fill(n, []*ast.MappingValueNode{a}, depth)
	case *ast.SequenceNode:
		n.kind = sequence
		for _, v := range a.Values {
			item := r.resolve(v, depth+1)
			n.items = append(n.items, item)
			n.grown(item)
		}
	case *ast.NullNode:
	case *ast.StringNode:
		n.kind, n.text = word, a.Value
		n.quoted = strings.HasPrefix(a.GetToken().Origin, `"`) || strings.HasPrefix(strings.TrimSpace(a.GetToken().Origin), `'`)
	case *ast.LiteralNode:
		n.kind, n.text, n.quoted = word, a.Value.Value, true
	default:
		n.kind, n.text = word, a.GetToken().Value
	}
	return n
}

// again returns the node behind an alias, counted anew.
func (r *resolver) again(target, alias *node, depth int) *node {
	if r.nodes += target.size; r.nodes > maxNodes {
		r.faults = append(r.faults, tooMany(r.path))
		return alias
	}
	if depth+target.height > maxDepth {
		r.fault(alias, "got blocks nested more than %d deep", maxDepth)
		return alias
	}
	return target
}

// fill sets the entries of a mapping. Direct keys, before or after <<, take
// precedence over merged keys.
func (r *resolver) fill(n *node, values []*ast.MappingValueNode, depth int) {
	var merged []*node
	keys := map[string]bool{}
	for _, v := range values {
		value := r.resolve(v.Value, depth+1)
		n.grown(value)
		at := v.Key.GetToken().Position
		if value.line == 0 {
			value.line, value.column = at.Line, at.Column
		}
		if _, merge := v.Key.(*ast.MergeKeyNode); merge {
			merged = append(merged, r.blocks(value)...)
			continue
		}
		key := v.Key.GetToken().Value
		if keys[key] {
			r.faults = append(r.faults, fmt.Errorf("%s:%d:%d: got %q a second time, want it once; remove one", r.path, at.Line, at.Column, key))
			continue
		}
		keys[key] = true
		n.entries = append(n.entries, entry{key: key, line: at.Line, column: at.Column, value: value})
	}
	for _, block := range merged {
		for _, e := range block.entries {
			if !keys[e.key] {
				keys[e.key] = true
				n.entries = append(n.entries, e)
			}
		}
	}
}

// blocks returns the mappings merged by <<: a single mapping or a list; in a
// list, earlier mappings win.
func (r *resolver) blocks(value *node) []*node {
	list := []*node{value}
	if value.kind == sequence {
		list = value.items
	}
	for _, block := range list {
		if block.kind != mapping {
			r.fault(block, "got %s for <<, want a block of fields, or a list of such blocks", block.kind)
			return nil
		}
	}
	return list
}

// get returns the entry of a key, or nil.
func (n *node) get(key string) *entry {
	for i := range n.entries {
		if n.entries[i].key == key {
			return &n.entries[i]
		}
	}
	return nil
}
