package export

// braze is an import of user attributes. Each field that is not empty costs a data point,
// changed or not, so a delta has only what changed; an empty one leaves what is there.
var braze = Profile{
	Name: "braze", System: "Braze CSV import", Delimiter: ',', Time: "2006-01-02T15:04:05Z",
	KeyHeaders: []string{"external_id", "braze_id"},
	Headers: []Header{
		{Name: "external_id", Rule: Rule{Form: AsIs}}, {Name: "braze_id", Rule: Rule{Form: AsIs}},
		{Name: "email", Rule: Rule{Form: Email}}, {Name: "phone", Rule: Rule{Form: Phone, Plus: true}},
	},
	MaxBytes: 500e6, Sparse: true, Leave: LeaveKey,
}
