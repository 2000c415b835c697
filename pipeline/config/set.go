package config

import (
	"fmt"
	"strconv"
	"strings"
)

// override is a value that somebody sets over a job file: steps.churn.horizon_days=60.
type override struct {
	path  []string
	value *node
}

// parseSetting reads a setting. Entries of lists go by their numbers from 0: inputs.transactions.0.decimal.
func parseSetting(text string) (override, error) {
	path, value, ok := strings.Cut(text, "=")
	if !ok || path == "" {
		return override{}, fmt.Errorf("--set: got %q, want a setting and its value, such as steps.churn.horizon_days=60", text)
	}
	s := override{path: strings.Split(path, "."), value: &node{kind: null}}
	if value != "" {
		n, err := parse("--set "+path, []byte(value))
		if err != nil {
			return s, err
		}
		n.forgetPlaces()
		s.value = n
	}
	return s, nil
}

// forgetPlaces takes the places off a tree that is no part of a file: a fault of such a value names no line.
func (n *node) forgetPlaces() {
	n.line, n.column = 0, 0
	for i := range n.entries {
		n.entries[i].line, n.entries[i].column = 0, 0
		n.entries[i].value.forgetPlaces()
	}
	for _, item := range n.items {
		item.forgetPlaces()
	}
}

// put sets the value in a tree, making blocks on the way.
//
// Errors: where the way goes through a value, or an entry of a list that there is not.
func (s *override) put(root *node) error {
	n := root
	for i, key := range s.path {
		last := i == len(s.path)-1
		switch n.kind {
		case null:
			n.kind = mapping
			fallthrough
		case mapping:
			e := n.get(key)
			if e == nil {
				n.entries = append(n.entries, entry{key: key, value: &node{kind: null}})
				e = &n.entries[len(n.entries)-1]
			}
			if last {
				e.value = s.value
				return nil
			}
			copied := *e.value // an alias may share it
			e.value, n = &copied, &copied
		case sequence:
			at, err := strconv.Atoi(key)
			if err != nil || at < 0 || at >= len(n.items) {
				return fmt.Errorf("--set: %s: got %q, want the number of an entry from 0 to %d", strings.Join(s.path, "."), key, len(n.items)-1)
			}
			items := append([]*node(nil), n.items...)
			if n.items = items; last {
				items[at] = s.value
				return nil
			}
			copied := *items[at]
			items[at], n = &copied, &copied
		default:
			return fmt.Errorf("--set: %s: got a value at %s, want a block of fields", strings.Join(s.path, "."), strings.Join(s.path[:i], "."))
		}
	}
	return nil
}
