package rfm

import (
	"context"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
)

// Explain gives the limits around the first customer of a batch, and the scores and
// segments above and below.
func (m *Model) Explain(_ context.Context, b *mining.Batch) ([]mining.Explained, error) {
	w, names := b.Words(), m.Reads()
	recency, orders, money := b.Column(names[0])[0], b.Column(names[1])[0], b.Column(names[2])[0]
	var hash uint64
	if m.Ties == features.Hashed {
		hash = features.Hash(b.IDs.At(0), m.Seed)
	}
	r, f, s := m.Score(recency, orders, money, hash)
	if r == 0 {
		return nil, nil
	}
	out := mining.Explained{Title: w.Text("Scores and their limits")}
	add := func(feature string, value float64, score uint8, limits features.Limits, falling bool) {
		out.Parts = append(out.Parts, mining.Part{Text: limited(w, feature, value, score, limits, falling)})
	}
	add(names[0], recency, r, m.R, true)
	if m.Method != features.Nested {
		add(names[1], orders, f, m.F[0], false)
		add(names[2], money, s, m.M[0], false)
	}
	change := mining.Explained{Title: w.Text("What would change the segment")}
	now := m.Segments.Name(r, f, s, m.Bins)
	try := func(feature string, r, f, s int) {
		if min(r, f, s) < 1 || max(r, f, s) > m.Bins {
			return
		}
		if name := m.Segments.Name(uint8(r), uint8(f), uint8(s), m.Bins); name != now {
			change.Parts = append(change.Parts, mining.Part{Text: w.Say("%s score %d-%d-%d: %s", w.Name(feature), r, f, s, w.Group(segmentColumn, name))})
		}
	}
	for _, step := range []int{1, -1} {
		try(names[0], int(r)+step, int(f), int(s))
		try(names[1], int(r), int(f)+step, int(s))
		try(names[2], int(r), int(f), int(s)+step)
	}
	return []mining.Explained{out, change}, nil
}

// limited gives the score of a value, and the beginnings of the neighbouring
// scores.
func limited(w *words.Words, feature string, value float64, score uint8, limits features.Limits, falling bool) string {
	text := w.Say("%s: %s, score %d", w.Name(feature), w.Value(feature, value), score)
	at := -1
	for i := range limits {
		if limits[i].Score == score {
			at = i
		}
	}
	if at >= 0 && at+1 < len(limits) {
		bound := limits[at+1].Value
		if falling {
			text += w.Say("; %d up to %s", limits[at+1].Score, w.Value(feature, bound))
		} else {
			text += w.Say("; %d from %s", limits[at+1].Score, w.Value(feature, bound))
		}
	}
	if at > 0 {
		if falling {
			text += w.Say("; %d beyond %s", limits[at-1].Score, w.Value(feature, limits[at].Value))
		} else {
			text += w.Say("; %d below %s", limits[at-1].Score, w.Value(feature, limits[at].Value))
		}
	}
	return text
}
