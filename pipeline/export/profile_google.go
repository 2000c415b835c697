package export

// googleCustomerMatch is a customer list of Google Ads, hashed here. Dots before gmail.com and
// googlemail.com do not count, phone numbers have their plus sign, country and postcode stay
// unchanged.
var googleCustomerMatch = Profile{
	Name: "google_customer_match", System: "Google Ads Customer Match", Delimiter: ',', Closed: true, Audience: true, Leave: LeaveRow,
	KeyHeaders: []string{"Email", "Phone"},
	Headers: []Header{
		{Name: "Email", Identity: true, Rule: Rule{Form: Email, Undot: []string{"gmail.com", "googlemail.com"}, Hash: true}},
		{Name: "Phone", Identity: true, Rule: Rule{Form: Phone, Plus: true, Hash: true}},
		{Name: "First Name", Rule: Rule{Form: Words, Hash: true}},
		{Name: "Last Name", Rule: Rule{Form: Words, Hash: true}},
		{Name: "Country", Rule: Rule{Form: Country, Upper: true}},
		{Name: "Zip", Rule: Rule{Form: AsIs}},
	},
	MaxBytes: 100e6,
}
