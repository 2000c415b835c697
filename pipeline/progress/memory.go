package progress

import (
	"time"

	"github.com/quintile-dev/quintile/pipeline/memory"
)

// lookEvery is how often memory is looked at while a stage runs.
const lookEvery = 50 * time.Millisecond

// watchMemory looks at the memory of the process until the returned function is called. The
// function returns the most memory seen. The system itself notes the peak of the whole run: if
// the peak rose meanwhile, the new peak counts too.
func watchMemory() (seen func() int64) {
	before, begun := memory.Peak(), memory.Resident()
	if begun == 0 {
		return func() int64 { return 0 }
	}
	stop, most := make(chan struct{}), make(chan int64)
	go func() {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		found := begun
		for {
			select {
			case <-ticker.C:
				found = max(found, memory.Resident())
			case <-stop:
				most <- max(found, memory.Resident())
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		found := <-most
		if after := memory.Peak(); after > before {
			found = max(found, after)
		}
		return found
	}
}
