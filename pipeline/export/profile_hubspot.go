package export

// hubspot is an import of contacts. The limits are the limits of the paid tiers. An empty
// cell leaves a property unchanged.
var hubspot = Profile{
	Name: "hubspot", System: "HubSpot import", Delimiter: ',', Time: "2006-01-02T15:04:05Z",
	KeyHeaders: []string{"email", "hs_object_id", "Email", "Record ID"},
	Headers: []Header{
		{Name: "email", Rule: Rule{Form: Email}}, {Name: "Email", Rule: Rule{Form: Email}}, {Name: "phone", Rule: Rule{Form: Phone, Plus: true}},
		{Name: "hs_object_id", Rule: Rule{Form: AsIs}}, {Name: "Record ID", Rule: Rule{Form: AsIs}},
	},
	MaxBytes: 512e6, MaxRows: 1_048_575, MaxColumns: 999, Leave: LeaveKey, // the header is a row of a sheet, too
}
