package rfm

import (
	"context"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
)

// Explain gives the limits around the first customer of a batch, and the scores and
// segments above and below.
func (m *Model) Explain(_ context.Context, b *mining.Batch) ([]mining.Explained, error) {
	w, names := b.Words(), m.Reads()
	values := make([]float64, 3) // the last stays 0 without money, and is not read
	for k, name := range names {
		values[k] = b.Column(name)[0]
	}
	var hash uint64
	if m.Ties == features.Hashed {
		hash = features.Hash(b.IDs.At(0), m.Seed)
	}
	r, f, s := m.Score(values[0], values[1], values[2], hash)
	if r == 0 {
		return nil, nil
	}
	scores, limits := [3]uint8{r, f, s}, []features.Limits{m.R}
	if m.Method != features.Nested {
		limits = append(limits, m.F[0])
		if len(names) > 2 {
			limits = append(limits, m.M[0])
		}
	}
	out := mining.Explained{Title: w.Text("Scores and their limits")}
	for k, l := range limits {
		out.Parts = append(out.Parts, mining.Part{Text: limited(w, names[k], values[k], scores[k], l, k == 0)})
	}
	change := mining.Explained{Title: w.Text("What would change the segment")}
	now := m.Segment(r, f, s)
	for _, step := range []int{1, -1} {
		for k, name := range names {
			score := int(scores[k]) + step
			if score < 1 || score > m.Bins {
				continue
			}
			to := scores
			to[k] = uint8(score)
			segment := m.Segment(to[0], to[1], to[2])
			if segment == now || segment < 0 {
				continue
			}
			change.Parts = append(change.Parts, mining.Part{Text: w.Say("%s score %s: %s", w.Name(name), joined(to[:len(names)]),
				w.Group(segmentColumn, m.Segments.Names()[segment]))})
		}
	}
	if len(change.Parts) == 0 {
		return []mining.Explained{out}, nil
	}
	return []mining.Explained{out, change}, nil
}

// joined writes scores as in 5-4-4.
func joined(scores []uint8) string {
	texts := make([]string, len(scores))
	for k, score := range scores {
		texts[k] = strconv.Itoa(int(score))
	}
	return strings.Join(texts, "-")
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
