package modelcheck

// The clauses of the contract.
const (
	// InputUnchanged: neither Fit nor Predict changes X, Y or W.
	InputUnchanged Clause = "input unchanged"
	// SameSeed: the same data and seed give the same JSON and the same bits.
	SameSeed Clause = "same seed"
	// AnyWorkers: 1, 2 and 8 workers give the same JSON and the same bits.
	AnyWorkers Clause = "any workers"

	// WeightOne: a weight of 1 for every row equals no weights, to the bit.
	WeightOne Clause = "weight one"
	// WeightZero: a row of weight 0 equals no row, within 1e-6, however wild
	// the row's values are.
	WeightZero Clause = "weight zero"
	// BadWeights: a weight that is negative, NaN or infinite is refused with a
	// *models.ValueError (Column 0), weights that are all 0 or of the wrong
	// length with an error.
	BadWeights Clause = "bad weights"

	// NoRows: Fit refuses a matrix without rows or without columns; Predict
	// answers no rows with no outputs.
	NoRows Clause = "no rows"
	// OneRow: Fit of a single row gives an error or finite predictions.
	OneRow Clause = "one row"
	// OneColumn: Fit of a single column works and predicts finite numbers.
	OneColumn Clause = "one column"
	// ConstantColumn: Fit works and predicts finite numbers where one column,
	// and where every column, holds a single value. Where all columns are
	// constant, an error is accepted too.
	ConstantColumn Clause = "constant column"
	// ConstantTarget: a target of one value gives an error or finite predictions.
	ConstantTarget Clause = "constant target"
	// DuplicateRows: equal rows get equal outputs, and a table in which every
	// row occurs four times can be learned from.
	DuplicateRows Clause = "duplicate rows"

	// NotFinite: ±Inf, and NaN where missing values are not admitted, are
	// refused by Fit and by Predict with a *models.ValueError that names the
	// row and the column. For Numbers and Counts the rule covers Y too.
	NotFinite Clause = "not finite"
	// MissingValues: where NaN is admitted, a tenth of the cells and a whole
	// column may be missing, in Fit and in Predict.
	MissingValues Clause = "missing values"
	// WrongShape: ragged or miscounted columns and a target of the wrong
	// length are errors, not panics.
	WrongShape Clause = "wrong shape"

	// RoundTrip: a model loaded from its JSON predicts the same bits and writes
	// the same JSON.
	RoundTrip Clause = "round trip"
	// DamagedJSON: cut off or empty JSON is an error, not a panic and not a model.
	DamagedJSON Clause = "damaged json"

	// Subset: predictions for some rows, in any order, equal the same rows of
	// the predictions for all rows.
	Subset Clause = "subset"
	// Concurrent: predictions by several goroutines at once are the same.
	Concurrent Clause = "concurrent"
	// NoAllocations: predicting more rows makes no more allocations.
	NoAllocations Clause = "no allocations"
	// Cancellation: Fit returns ctx.Err() within 100 ms of being cancelled (300
	// ms under the race detector), and at once if cancelled before the call.
	Cancellation Clause = "cancellation"
)

// contract returns every clause, in the order of examination.
func contract() []clause {
	return []clause{
		{InputUnchanged, always, inputUnchanged},
		{SameSeed, always, sameSeed},
		{AnyWorkers, always, anyWorkers},
		{WeightOne, weighted, weightOne},
		{WeightZero, weighted, weightZero},
		{BadWeights, weighted, badWeights},
		{NoRows, always, noRows},
		{OneRow, always, oneRow},
		{OneColumn, always, oneColumn},
		{ConstantColumn, always, constantColumn},
		{ConstantTarget, supervised, constantTarget},
		{DuplicateRows, always, duplicateRows},
		{NotFinite, always, notFinite},
		{MissingValues, func(s *Subject) bool { return s.Missing }, missingValues},
		{WrongShape, always, wrongShape},
		{RoundTrip, always, roundTrip},
		{DamagedJSON, always, damagedJSON},
		{Subset, always, subset},
		{Concurrent, always, concurrent},
		{NoAllocations, always, noAllocations},
		{Cancellation, always, cancellation},
	}
}
