package mining

import "context"

// Explainer is a model that can say how it came to the scores of a customer.
type Explainer interface {
	Model
	// Explain says how the first customer of a batch came to the scores, nil where the
	// customer has none. Texts are in the words of the batch.
	Explain(ctx context.Context, b *Batch) ([]Explained, error)
}

// Explained is one part of an explanation.
type Explained struct {
	Title string `json:"title"`
	Parts []Part `json:"parts"`
}

// Part is a sentence of an explanation, perhaps with a size.
type Part struct {
	Text string   `json:"text"`
	Code string   `json:"code,omitempty"` // for machines, such as recency_days=212
	Size *float64 `json:"size,omitempty"` // in Unit
	Unit string   `json:"unit,omitempty"`
}
