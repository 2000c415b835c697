package features

import "context"

// RFMInput reads from the table what c scores: recency_days, frequency, the
// column of c.Monetary unless that is NoMoney and, for Hashed, the hashes of the ids
// under c.Seed.
//
// Errors: a missing column, an I/O error of the temporary file, ctx.Err().
//
// Cost: 24 bytes a customer, 32 with hashes.
func (t *Table) RFMInput(ctx context.Context, c RFMConfig) (RFMInput, error) {
	names := []string{"recency_days", "frequency"}
	if c.Monetary != NoMoney {
		names = append(names, c.Monetary.Column())
	}
	columns, err := t.Columns(ctx, names, nil)
	if err != nil {
		return RFMInput{}, err
	}
	in := RFMInput{Recency: columns[0], Frequency: columns[1]}
	if c.Monetary != NoMoney {
		in.Monetary = columns[2]
	}
	if c.Ties == Hashed {
		in.Hash, err = t.Hashes(ctx, c.Seed)
	}
	return in, err
}
