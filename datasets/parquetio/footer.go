package parquetio

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"

	"github.com/quintile-dev/quintile/datasets"
)

// magic stands at the beginning and at the end of every file.
const magic = "PAR1"

// footerBudget returns the memory that decoding a footer of n bytes may take.
// An entry of a list takes at least a dozen bytes in the footer.
func footerBudget(n int) int { return 16<<20 + 64*n }

// readFooter reads and checks the metadata of the file in r.
func readFooter(r io.ReaderAt, size int64, path string) (*format.FileMetaData, error) {
	fault := func(got, hint string) error {
		return &datasets.FileError{Path: path, Got: got, Want: "a Parquet file", Hint: hint}
	}
	if size < 12 {
		return nil, fault(fmt.Sprintf("%d bytes", size), "check that the file was written to its end")
	}
	var head [4]byte
	var tail [8]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return nil, &datasets.FileError{Path: path, Err: err}
	}
	if err := readFull(r, tail[:], size-8); err != nil {
		return nil, &datasets.FileError{Path: path, Err: err}
	}
	switch {
	case string(tail[4:]) == "PARE" || string(head[:]) == "PARE":
		return nil, fault("an encrypted Parquet file", "write it without encryption")
	case string(head[:]) != magic:
		return nil, fault(fmt.Sprintf("the first bytes %q", head), "check the format of the file")
	case string(tail[4:]) != magic:
		return nil, fault(fmt.Sprintf("the last bytes %q", tail[4:]), "check that the file was written to its end")
	}
	length := int64(binary.LittleEndian.Uint32(tail[:4]))
	if length > size-12 {
		return nil, fault(fmt.Sprintf("a footer of %d bytes in a file of %d", length, size), "check that the file was copied whole")
	}
	data := make([]byte, length)
	if err := readFull(r, data, size-8-length); err != nil {
		return nil, &datasets.FileError{Path: path, At: "footer", Err: err}
	}
	meta := new(format.FileMetaData)
	n, err := structureLen(data, footerBudget(len(data)))
	if err == nil {
		err = decodeThrift(data[:n], meta)
	}
	if err != nil {
		return nil, &datasets.FileError{Path: path, At: "footer", Err: err, Hint: "check that the file was copied whole"}
	}
	if meta.EncryptionAlgorithm.Value != nil {
		return nil, fault("an encrypted Parquet file", "write it without encryption")
	}
	return meta, nil
}

// readFull fills data from offset at of r.
func readFull(r io.ReaderAt, data []byte, at int64) error {
	n, err := r.ReadAt(data, at)
	if n == len(data) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// descriptions returns what the metadata says about the columns, by name.
func descriptions(meta *format.FileMetaData) map[string]note {
	for _, kv := range meta.KeyValueMetadata {
		all := map[string]note{}
		if kv.Key == columnsKey && json.Unmarshal([]byte(kv.Value), &all) == nil {
			return all
		}
	}
	return nil
}
