package loyalty

import (
	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// withinDays are the days within which a second purchase is counted.
var withinDays = [...]int{30, 60, 90, 180, 365}

// repeats is when customers come back for the second time.
type repeats struct {
	second   mining.Durations // from the first to the second purchase day
	within   [len(withinDays)]int64
	eligible [len(withinDays)]int64 // whose first purchase is that long ago
}

// add counts a customer with purchases on these days.
func (r *repeats) add(days []datasets.Day, asOf datasets.Day) {
	age := int(asOf - days[0])
	gap := -1
	if len(days) > 1 {
		gap = int(days[1] - days[0])
		r.second.Close(gap)
	} else {
		r.second.Leave(age)
	}
	for k, within := range withinDays {
		if age < within {
			continue
		}
		r.eligible[k]++
		if gap >= 0 && gap <= within {
			r.within[k]++
		}
	}
}

func (r *repeats) merge(o *repeats) {
	r.second.Merge(&o.second)
	for k := range withinDays {
		r.within[k] += o.within[k]
		r.eligible[k] += o.eligible[k]
	}
}
