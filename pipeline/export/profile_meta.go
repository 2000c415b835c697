package export

// metaAudience is a customer list of a Custom Audience, hashed here. Phone numbers have
// neither a plus sign nor leading zeros; dots of an address stay.
var metaAudience = Profile{
	Name: "meta_audience", System: "Meta Custom Audience", Delimiter: ',', Closed: true, Audience: true, Leave: LeaveRow,
	KeyHeaders: []string{"email", "phone", "extern_id", "madid"},
	Headers: []Header{
		{Name: "email", Identity: true, Rule: Rule{Form: Email, Hash: true}},
		{Name: "phone", Identity: true, Rule: Rule{Form: Phone, Hash: true}},
		{Name: "extern_id", Identity: true, Rule: Rule{Form: AsIs}},
		{Name: "madid", Identity: true, Rule: Rule{Form: AsIs}},
		{Name: "fn", Rule: Rule{Form: Letters, Hash: true}},
		{Name: "ln", Rule: Rule{Form: Letters, Hash: true}},
		{Name: "ct", Rule: Rule{Form: Letters, Hash: true}},
		{Name: "st", Rule: Rule{Form: Letters, Hash: true}},
		{Name: "zip", Rule: Rule{Form: Postcode, Hash: true}},
		{Name: "country", Rule: Rule{Form: Country, Hash: true}},
		{Name: "value", Rule: Rule{Form: AsIs}},
	},
	MaxBytes: 100e6,
}
