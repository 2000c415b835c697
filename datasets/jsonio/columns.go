package jsonio

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// node is a member of objects that is a column or holds columns.
type node struct {
	column  int // −1: none
	members map[string]*node
}

// way is the names on the way to a leaf. A point in the name of a column may separate two names, or
// belong to a name.
type way []string

// maxWays bounds the ways to one column.
const maxWays = 16

// bytesOfText is the memory of a name in a way, beside its text.
const bytesOfText = 16

// discovery finds the columns of the first lines.
type discovery struct {
	fields  []datasets.Field
	byName  map[string]int
	others  []bool  // by column: it holds something that is no number
	numbers []bool  // it holds a number
	ways    [][]way // to each column
	taken   int     // bytes of names and ways
	path    []byte
	on      way // as path
	s       scanner
}

// line looks at a line, and reports whether it is an object.
func (d *discovery) line(data []byte) bool {
	d.s.data, d.s.at = data, 0
	d.s.space()
	return d.s.peek() == object && d.object(0)
}

func (d *discovery) object(depth int) bool {
	if depth > maxDepth {
		return false
	}
	return d.s.members('{', '}', func() bool {
		name, ok := d.s.key(true)
		if !ok {
			return false
		}
		before := len(d.path)
		if before > 0 {
			d.path = append(d.path, '.')
		}
		d.path = append(d.path, name...)
		if depth >= len(d.on) {
			d.on = append(d.on, "")
		}
		if d.on = d.on[:depth+1]; d.on[depth] != string(name) {
			d.on[depth] = string(name)
		}
		defer func() { d.path, d.on = d.path[:before], d.on[:depth] }()
		k := d.s.peek()
		if k == object {
			return d.object(depth + 1)
		}
		if !d.s.skip(depth + 1) {
			return false
		}
		d.leaf(k)
		return true
	})
}

func (d *discovery) leaf(k kind) {
	if len(d.path) > maxName {
		return
	}
	at, known := d.byName[string(d.path)]
	if !known {
		if len(d.fields) == maxColumns || d.taken > maxNames {
			return
		}
		d.taken += len(d.path)
		at = len(d.fields)
		name := string(d.path)
		d.byName[name] = at
		d.fields = append(d.fields, datasets.Field{Name: name, Kind: datasets.Text})
		d.others, d.numbers, d.ways = append(d.others, false), append(d.numbers, false), append(d.ways, nil)
	}
	ways := d.ways[at]
	if len(ways) < maxWays && d.taken <= maxNames && !slices.ContainsFunc(ways, func(w way) bool { return slices.Equal(w, d.on) }) {
		d.ways[at] = append(ways, slices.Clone(d.on))
		d.taken += len(d.on) * bytesOfText
	}
	switch k {
	case number:
		d.numbers[at] = true
	case null:
	default:
		d.others[at] = true
	}
}

// finish returns the columns.
func (d *discovery) finish() []datasets.Field {
	for i := range d.fields {
		d.fields[i].Plain = d.numbers[i] && !d.others[i]
	}
	return d.fields
}

// treeOf returns the members of objects with the selected columns.
func treeOf(ways [][]way, selected []int) *node {
	root := &node{column: -1}
	for at, k := range selected {
		for _, w := range ways[k] {
			n := root
			for _, name := range w {
				n = n.member(name)
			}
			n.column = at
		}
	}
	return root
}

func (n *node) member(name string) *node {
	if n.members == nil {
		n.members = map[string]*node{}
	}
	m := n.members[name]
	if m == nil {
		m = &node{column: -1}
		n.members[name] = m
	}
	return m
}
