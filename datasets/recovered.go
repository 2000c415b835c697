package datasets

import (
	"fmt"
	"strings"
)

// Recovered says in words what a library said of a damaged file: the error that it
// returned, or the value that it panicked with. The words "runtime error" are left out: a
// reader would take the damage for a bug of the program.
func Recovered(v any) string { return strings.ReplaceAll(fmt.Sprint(v), "runtime error: ", "") }
