package manifest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Files of an earlier run are first compared with the checksums in its
// manifest: a disk, a copy or a person may have changed them since.

// Output returns the entry of a file in the manifest.
func (p *Published) Output(name string) (Output, bool) {
	at := slices.IndexFunc(p.Outputs, func(o Output) bool { return o.Path == name })
	if at < 0 {
		return Output{}, false
	}
	return p.Outputs[at], true
}

// Same compares the size and checksum of a file, called where in errors, with the
// manifest.
func (o Output) Same(where string, size int64, sum string) error {
	if size == o.Bytes && sum == o.SHA256 {
		return nil
	}
	return fmt.Errorf("%s: got %d bytes with the SHA-256 %s, want %d with %s as in the manifest of that run; "+
		"restore the folder from a copy, or remove it", where, size, sum, o.Bytes, o.SHA256)
}

// Verify compares the files of a published folder with the checksums of the
// manifest.
func (p *Published) Verify(ctx context.Context, folder string, outputs ...Output) error {
	for _, o := range outputs {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := filepath.Join(folder, filepath.FromSlash(o.Path))
		size, sum, err := Sum(path)
		if err == nil {
			err = o.Same(path, size, sum)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Sum returns the size and SHA-256 of a file.
func Sum(path string) (size int64, sum string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = file.Close() }() // was read only
	h := sha256.New()
	size, err = io.Copy(h, file)
	return size, hex.EncodeToString(h.Sum(nil)), err
}
