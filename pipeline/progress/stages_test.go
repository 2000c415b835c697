package progress

import (
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline/memory"
)

// kept is what a stage of the test holds, so that it is not collected before its end.
var kept []byte

func TestAStageKnowsTheMemoryThatItTook(t *testing.T) {
	if memory.Resident() == 0 {
		t.Skip("this system does not tell of memory")
	}
	const most = 64 << 20
	s := New(nil, func() time.Time { return time.Unix(0, 0) }, zerolog.Nop())
	_ = s.Stage("small", 0, "", func() error { return nil })
	_ = s.Stage("large", 0, "", func() error {
		kept = make([]byte, most)
		for i := 0; i < len(kept); i += 4096 {
			kept[i] = 1
		}
		return nil
	})
	kept = nil
	peaks := s.Peaks()
	if small, large := peaks["small"], peaks["large"]; small == 0 || large < small+most/2 {
		t.Errorf("got %d bytes for a stage that holds nothing, %d for one that holds %d", small, large, most)
	}
	if len(s.Timings()) != 2 || len(peaks) != 2 {
		t.Errorf("got %v, %v, want both stages in each", s.Timings(), peaks)
	}
}
