//go:build !linux

package place

import "errors"

// exchange cannot swap two folders in one step here.
func exchange(_, _ string) error { return errors.ErrUnsupported }
