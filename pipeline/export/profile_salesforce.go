package export

// salesforce is an upsert of Bulk API 2.0 by an external id. A file may have 150 MB in
// Base64, that is 100 MB before. An empty cell leaves a field, #N/A empties it.
var salesforce = Profile{
	Name: "salesforce", System: "Salesforce Bulk API 2.0", Delimiter: ',', Null: "#N/A", Clears: true, Time: "2006-01-02T15:04:05.000Z",
	Object: true, MaxBytes: 100e6, Leave: LeaveClear,
}
