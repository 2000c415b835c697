package export

// generic is for importers of one's own: one full file and one delta, which says of each
// row what to do with it.
var generic = Profile{
	Name: "generic", System: "any importer", Delimiter: ',', Clears: true, Time: "2006-01-02T15:04:05Z",
	Ops: true, Leave: LeaveOp,
}
