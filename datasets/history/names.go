package history

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// The names in the folder of a kept history. File names are written as in a ledger:
// relative to the folder, with slashes.
const (
	ledgerName     = "ledger.json"
	journalName    = "journal.json"
	lockName       = ".lock"
	stagedSuffix   = ".tmp" // of a ledger or journal that is being written
	quarantineName = "quarantine"
	identitiesName = "identities"
)

// bucketName, refusedName and aliasesName return the names of the files of a run.
func bucketName(bucket int, run int) string {
	return fmt.Sprintf("bucket=%02d/run-%06d.parquet", bucket, run)
}

func refusedName(run int) string { return fmt.Sprintf("%s/run-%06d.json", quarantineName, run) }

func aliasesName(run int) string { return fmt.Sprintf("%s/run-%06d.parquet", identitiesName, run) }

// namesOfRun returns every name that a file of the run can have.
func namesOfRun(run int) []string {
	names := []string{refusedName(run), aliasesName(run)}
	for bucket := range Buckets {
		names = append(names, bucketName(bucket, run))
	}
	return names
}

// The folders with files of runs, and the forms of file names.
var (
	runFolder = regexp.MustCompile(`^(bucket=[0-9]{2}|quarantine|identities)$`)
	runFile   = regexp.MustCompile(`^(bucket=[0-9]{2}|quarantine|identities)/run-([0-9]{6,9})\.(parquet|json)$`)
)

// runOf returns the run of a file name; false for any name not given by a run.
func runOf(name string) (run int, ok bool) {
	parts := runFile.FindStringSubmatch(name)
	if parts == nil {
		return 0, false
	}
	run, err := strconv.Atoi(parts[2])
	return run, err == nil && slices.Contains(namesOfRun(run), name)
}

// bucketOf returns the bucket that a name of line items belongs to.
func bucketOf(name string) (bucket int, ok bool) {
	var run int
	if n, err := fmt.Sscanf(name, "bucket=%02d/run-%d.parquet", &bucket, &run); n != 2 || err != nil {
		return 0, false
	}
	return bucket, bucket < Buckets && name == bucketName(bucket, run)
}
