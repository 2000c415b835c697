package datasets

import (
	"fmt"
	"strings"
)

// Recovered puts into words the complaint of a library about a damaged file: the returned
// error, or the value of the panic. The words "runtime error" are left out: a reader would take
// the damage for a bug of the program.
func Recovered(v any) string { return strings.ReplaceAll(fmt.Sprint(v), "runtime error: ", "") }
