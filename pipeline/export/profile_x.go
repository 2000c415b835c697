package export

// xAudience is a list of a Custom Audience of X, hashed here. A user name has no @; dots and
// tags of an address stay.
var xAudience = Profile{
	Name: "x_audience", System: "X Custom Audience", Delimiter: ',', Closed: true, Audience: true, Leave: LeaveRow,
	KeyHeaders: []string{"email", "username", "user_id"},
	Headers: []Header{
		{Name: "email", Identity: true, Rule: Rule{Form: Email, Hash: true}},
		{Name: "username", Identity: true, Rule: Rule{Form: Handle, Hash: true}},
		{Name: "user_id", Identity: true, Rule: Rule{Form: Handle, Hash: true}},
	},
	MaxBytes: 10e9,
}
