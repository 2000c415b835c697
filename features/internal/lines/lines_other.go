//go:build !amd64 || noasm

package lines

import "github.com/quintile-dev/quintile/datasets"

const fast = false

func (s *Scanner) scanFours(*datasets.Events, int) int { panic("lines: BUG: no assembler") }
