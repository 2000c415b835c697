package manifest

// The names of a published folder, and in it.
const (
	DayPrefix  = "as_of=" // of a published folder
	Name       = "manifest.json"
	Success    = "_SUCCESS" // marks a folder that is whole
	Quarantine = "quarantine.parquet"
)

// DayFolder returns the name of the folder published for a scoring date.
func DayFolder(asOf string) string { return DayPrefix + asOf }
