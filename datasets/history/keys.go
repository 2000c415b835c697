package history

import "github.com/quintile-dev/quintile/datasets"

// dictKeys holds what heads of slips need to know of the entries of a dictionary.
// They are worked out once for each dictionary, one after the other: slips look
// their entries up in no order, and so touch one cache line each instead of
// three.
type dictKeys struct {
	id      *datasets.DictID
	entries []entryKey
}

// entryKey is an entry of a dictionary. key and short are those of PackText.
type entryKey struct {
	key   uint64
	part  uint32 // of a short id that is not empty
	short bool
}

// of returns the keys of the column's dictionary, or nil if it has none that
// comes again. partitions tells whether part is wanted, always the same for one
// dictKeys.
func (k *dictKeys) of(c *datasets.Column, partitions bool) []entryKey {
	if c.Kind != datasets.Text || c.Codes == nil || c.DictID == nil {
		return nil
	}
	if c.DictID != k.id {
		k.id, k.entries = c.DictID, k.entries[:0]
	}
	n := c.Dict.Len()
	if cap(k.entries) < n {
		k.entries = append(make([]entryKey, 0, n+n/4), k.entries...)
	}
	for i := len(k.entries); i < n; i++ {
		text := c.Dict.At(i)
		if !c.Dict.Trimmed {
			text = datasets.Trim(text)
		}
		var e entryKey
		if e.key, e.short = datasets.PackText(text); partitions && e.short && e.key != 0 {
			e.part = partitionOf(text)
		}
		k.entries = append(k.entries, e)
	}
	return k.entries
}
