package features

import "context"

// RFMInput reads from the table what c scores: recency_days, frequency, the
// column of c.Monetary and, for Hashed, the hashes of the ids under c.Seed.
//
// Errors: a missing column, an I/O error of the temporary file, ctx.Err().
//
// Cost: 24 bytes a customer, 32 with hashes.
func (t *Table) RFMInput(ctx context.Context, c RFMConfig) (RFMInput, error) {
	columns, err := t.Columns(ctx, []string{"recency_days", "frequency", c.Monetary.Column()}, nil)
	if err != nil {
		return RFMInput{}, err
	}
	in := RFMInput{Recency: columns[0], Frequency: columns[1], Monetary: columns[2]}
	if c.Ties == Hashed {
		in.Hash, err = t.Hashes(ctx, c.Seed)
	}
	return in, err
}
