package export

import (
	"context"
	"errors"

	"github.com/cespare/xxhash/v2"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/models"
)

// List writes one file of people in a folder, by the rules of a profile: the rows that a full file would have, without
// hashes, and nothing that compares with an earlier run.
type List struct {
	plan    *plan
	out     *parts
	workers int
	blocks  []block
	seen    map[uint64]struct{} // keys of the rows; nil: each is one person's by itself
}

// NewList begins the file called name, which ends in ".csv", in a folder.
//
// Errors: those of the target, and of the file.
func NewList(folder, name string, t Target, columns []table.Column, workers int) (*List, error) {
	p, err := newPlan(t, columns)
	if err != nil {
		return nil, err
	}
	var header []string
	for _, f := range p.fields {
		header = append(header, f.Header)
	}
	l := &List{plan: p, out: newParts(folder, name, header, p.Profile, limits{}), workers: workers}
	if !p.keyed() {
		l.seen = map[uint64]struct{}{}
	}
	if err := l.out.open(); err != nil {
		return nil, errors.Join(err, l.out.close())
	}
	return l, nil
}

// Write adds those people of a batch who pass the gates of the target.
func (l *List) Write(ctx context.Context, values []table.Values, rows int) error {
	blocks := (rows + blockRows - 1) / blockRows
	for len(l.blocks) < blocks {
		l.blocks = append(l.blocks, block{plan: l.plan, encoder: newEncoder(l.plan)})
	}
	err := models.Parallel(ctx, l.workers, blocks, func(k int) error {
		return l.blocks[k].fill(values, k*blockRows, min((k+1)*blockRows, rows))
	})
	if err != nil {
		return err
	}
	for k := range blocks {
		b := &l.blocks[k]
		for i := range b.rows() {
			if l.seen != nil {
				key := xxhash.Sum64(b.cell(i, 0))
				if _, taken := l.seen[key]; taken {
					continue
				}
				l.seen[key] = struct{}{}
			}
			if err := l.out.add(nil, b.line(i), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close closes the file and says what is in it. It may be called again.
func (l *List) Close() (File, error) {
	if err := l.out.close(); err != nil {
		return File{}, err
	}
	return l.out.files[0], nil
}
