package history

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
)

// writeRefused writes the refused rows of the run.
func (f *Folder) writeRefused(refused []datasets.Fault) (File, error) {
	text, err := json.Marshal(refused)
	if err != nil {
		return File{}, err
	}
	name := refusedName(f.run)
	out, err := f.create(name)
	if err != nil {
		return File{}, err
	}
	if _, err := out.Write(text); err != nil {
		_ = out.Close() // the run has failed already
		return File{}, err
	}
	return f.seal(out, name, int64(len(refused)))
}

// Refused returns the rows that earlier runs refused.
//
// Errors: a *datasets.FileError where a file is not as it was written.
func (f *Folder) Refused() ([]datasets.Fault, error) {
	var all []datasets.Fault
	for _, file := range f.ledger.Refused {
		faults, _, err := f.readRefused(file)
		if err != nil {
			return nil, err
		}
		all = append(all, faults...)
	}
	return all, nil
}

// readRefused reads a file of refused rows, and returns its text also.
func (f *Folder) readRefused(file File) (faults []datasets.Fault, text []byte, err error) {
	if text, err = f.disk.ReadFile(f.at(file.Name)); err != nil {
		return nil, nil, f.damaged(file.Name, "", "", err)
	}
	if file.SHA256 != "" && file.SHA256 != sumOf(text) {
		return nil, nil, f.damaged(file.Name, "other contents than were written", "those of the checksum in "+ledgerName, nil)
	}
	if err := json.Unmarshal(text, &faults); err != nil {
		return nil, nil, f.damaged(file.Name, "damaged JSON", "the refused rows of a run", err)
	}
	if file.SHA256 != "" && int64(len(faults)) != file.Rows {
		return nil, nil, f.damaged(file.Name, fmt.Sprintf("%d rows", len(faults)), fmt.Sprintf("%d", file.Rows), nil)
	}
	return faults, text, nil
}

// describeRefused completes the entry of a file that a ledger of version 1 names.
func (f *Folder) describeRefused(file *File) error {
	if file.SHA256 != "" {
		return nil
	}
	faults, text, err := f.readRefused(*file)
	if err != nil {
		return err
	}
	file.Bytes, file.Rows, file.SHA256 = int64(len(text)), int64(len(faults)), sumOf(text)
	return nil
}

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
