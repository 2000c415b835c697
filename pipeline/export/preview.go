package export

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/quintile-dev/quintile/datasets/table"
)

// previewRows is the number of rows of a preview.
const previewRows = 10

// Preview returns the header and the first ten rows of the full file of the target for
// these customers, without writing. Keys and identifiers are shown as the first digits of
// their SHA-256, all other cells as in the file.
//
// Errors: those of New.
func Preview(t Target, columns []table.Column, values []table.Values, rows int) (header []string, cells [][]string, err error) {
	p, err := newPlan(t, columns)
	if err != nil {
		return nil, nil, err
	}
	b := block{plan: p, encoder: newEncoder(p)}
	for i := 0; i < rows && len(cells) < previewRows; i++ {
		if err := b.fill(values, i, i+1); err != nil {
			return nil, nil, err
		}
		if b.rows() == 0 {
			continue
		}
		row := make([]string, len(p.fields))
		for k, f := range p.fields {
			row[k] = string(b.cell(0, k))
			if (k == 0 || f.rule.Form != Free) && row[k] != "" {
				row[k] = masked(row[k])
			}
		}
		cells = append(cells, row)
	}
	for _, f := range p.fields {
		header = append(header, f.Header)
	}
	return header, cells, nil
}

// masked returns what can be shown of an id.
func masked(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "sha256:" + hex.EncodeToString(sum[:6])
}
