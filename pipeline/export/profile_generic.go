package export

// generic is for self-made importers: one full file and one delta with the action for
// each row.
var generic = Profile{
	Name: "generic", System: "any importer", Delimiter: ',', Clears: true, Time: "2006-01-02T15:04:05Z",
	Ops: true, Leave: LeaveOp,
}
