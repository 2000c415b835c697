package export

// klaviyo is an import of a list: the first column is an e-mail address or a phone number.
// A time without a zone is one of UTC.
var klaviyo = Profile{
	Name: "klaviyo", System: "Klaviyo list import", Delimiter: ',', Time: "2006-01-02 15:04:05",
	KeyHeaders: []string{"Email", "Email Address", "Phone Number"},
	Headers: []Header{
		{Name: "Email", Rule: Rule{Form: Email}}, {Name: "Email Address", Rule: Rule{Form: Email}},
		{Name: "Phone Number", Rule: Rule{Form: Phone, Plus: true}},
	},
	MaxBytes: 50e6, Leave: LeaveKey,
}
