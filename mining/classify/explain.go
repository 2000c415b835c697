package classify

import (
	"context"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
)

// Explain says which way the first customer of a batch takes through the tree.
func (m *Model) Explain(ctx context.Context, b *mining.Batch) ([]mining.Explained, error) {
	leaves := make([]int32, b.Rows)
	if err := m.LeafTo(ctx, leaves, b.Column, 1); err != nil {
		return nil, err
	}
	if len(leaves) == 0 || leaves[0] < 0 || int(leaves[0]) >= len(m.Rules) {
		return nil, nil
	}
	w := b.Words()
	path, class, _ := strings.Cut(m.Rules[leaves[0]], " ⇒ ")
	out := mining.Explained{Title: w.Say("The way through the tree, to leaf %d", leaves[0])}
	for question := range strings.SplitSeq(path, " and ") {
		out.Parts = append(out.Parts, mining.Part{Text: asked(w, question), Code: question})
	}
	out.Parts = append(out.Parts, mining.Part{Text: w.Say("most customers there are: %s", class)})
	return []mining.Explained{out}, nil
}

// asked writes a question of the tree, such as "recency_days ≤ 30", in plain words.
func asked(w *words.Words, question string) string {
	parts := strings.Fields(question)
	if len(parts) != 3 {
		return question
	}
	v, err := strconv.ParseFloat(parts[2], 64)
	if err != nil {
		return question
	}
	return w.Name(parts[0]) + " " + parts[1] + " " + w.Value(parts[0], v)
}
