//go:build !linux

package tempdir

// Free cannot tell here how much may still be written into a folder.
func Free(string) (bytes int64, known bool) { return 0, false }
