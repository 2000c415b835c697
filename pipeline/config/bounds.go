package config

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// The bounds of a job file. The largest sensible job is a hundredth of the
// bounds; beyond the bounds, the YAML library takes gigabytes and minutes.
const (
	maxBytes = 1 << 20
	maxNodes = 10_000 // aliases counted as what they stand for
	maxDepth = 32
)

// readBounded reads a job file, up to the bound and one more byte.
func readBounded(path string) (data []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // was read only
	return io.ReadAll(io.LimitReader(file, maxBytes+1))
}

// bounded reports a file that is too large, too deep or of too many nodes.
// Bytes are checked first, then tokens; no tree is built.
func bounded(path string, data []byte) error {
	if len(data) > maxBytes {
		return fmt.Errorf("%s: got more than %d bytes, want a job file, which is short", path, maxBytes)
	}
	// Every token ends a line or contains a mark.
	const marksOfNode = 8
	marks := 0
	for _, mark := range []byte("\n,:[]{}?&*!-|>\"'") {
		marks += bytes.Count(data, []byte{mark})
	}
	if marks > marksOfNode*maxNodes {
		return tooMany(path)
	}
	var nest nesting
	for _, t := range lexer.Tokenize(string(data)) {
		if nest.add(t); nest.depth() > maxDepth {
			return fmt.Errorf("%s:%d:%d: got blocks nested more than %d deep", path, t.Position.Line, t.Position.Column, maxDepth)
		}
		if nest.nodes > maxNodes {
			return tooMany(path)
		}
	}
	return nil
}

func tooMany(path string) error {
	return fmt.Errorf("%s: got more than %d values, want a job file, which is short", path, maxNodes)
}

// nesting follows how deep tokens nest.
type nesting struct {
	nodes   int
	flow    int   // lists and mappings in brackets that are open
	columns []int // where the blocks that are open begin
	marks   int   // tags, anchors and question marks before the next value, each of which may nest
	last    *token.Token
}

func (n *nesting) depth() int { return n.flow + len(n.columns) + n.marks }

func (n *nesting) add(t *token.Token) {
	before := n.last
	n.last = t
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		n.flow++
		n.nodes++
	case token.SequenceEndType, token.MappingEndType:
		n.flow = max(0, n.flow-1)
	case token.SequenceEntryType:
		n.begin(t.Position.Column)
		n.nodes++
	case token.MappingValueType:
		if n.flow == 0 && before != nil && before.Position.Line == t.Position.Line {
			n.begin(before.Position.Column) // of the key
		}
		n.marks = 0
	case token.MappingKeyType, token.TagType, token.AnchorType:
		n.marks++
		n.nodes++
	case token.CommentType, token.CollectEntryType:
	default:
		n.marks = 0
		n.nodes++
	}
}

// begin opens a block at a column, and closes deeper blocks.
func (n *nesting) begin(column int) {
	if n.flow > 0 {
		return
	}
	for len(n.columns) > 0 && n.columns[len(n.columns)-1] > column {
		n.columns = n.columns[:len(n.columns)-1]
	}
	if len(n.columns) == 0 || n.columns[len(n.columns)-1] < column {
		n.columns = append(n.columns, column)
	}
}
