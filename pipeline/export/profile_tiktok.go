package export

// tiktokAudience is a customer file of TikTok, hashed here. What stands between a plus sign and
// the @ of an address does not count, and phone numbers have their plus sign.
var tiktokAudience = Profile{
	Name: "tiktok_audience", System: "TikTok Customer File", Delimiter: ',', Closed: true, Audience: true, Leave: LeaveRow,
	KeyHeaders: []string{"Email_SHA256", "Phone_SHA256", "MAID"},
	Headers: []Header{
		{Name: "Email_SHA256", Identity: true, Rule: Rule{Form: Email, Untag: true, Hash: true}},
		{Name: "Phone_SHA256", Identity: true, Rule: Rule{Form: Phone, Plus: true, Hash: true}},
		{Name: "MAID", Identity: true, Rule: Rule{Form: AsIs}},
	},
	MaxBytes: 1e9,
}
