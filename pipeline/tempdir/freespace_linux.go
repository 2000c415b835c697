package tempdir

import "golang.org/x/sys/unix"

// Free returns the bytes of free space in a folder.
func Free(folder string) (bytes int64, known bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true //nolint:unconvert // it has 32 bits on some machines
}
