package progress

import (
	"time"

	"github.com/quintile-dev/quintile/pipeline/memory"
)

// lookEvery is how often memory is looked at while a stage runs.
const lookEvery = 50 * time.Millisecond

// watchMemory looks at the memory of the process until the function that it returns is called,
// which returns the most that was seen. The system itself notes the most of the whole run: where
// this rose meanwhile, it is what was seen, whenever that was.
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
