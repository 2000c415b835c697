package export

// braze is an import of user attributes. Each non-empty field costs a data point, changed
// or not, so a delta has only the changed fields; an empty field leaves the value in the
// system.
var braze = Profile{
	Name: "braze", System: "Braze CSV import", Delimiter: ',', Time: "2006-01-02T15:04:05Z",
	KeyHeaders: []string{"external_id", "braze_id"},
	Headers: []Header{
		{Name: "external_id", Rule: Rule{Form: AsIs}}, {Name: "braze_id", Rule: Rule{Form: AsIs}},
		{Name: "email", Rule: Rule{Form: Email}}, {Name: "phone", Rule: Rule{Form: Phone, Plus: true}},
	},
	MaxBytes: 500e6, Sparse: true, Leave: LeaveKey,
}
