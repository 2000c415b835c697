package itemset

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/models"
)

// wholesale returns 100,000 baskets of about 6.6 of 5,000 items and 30 of 50 out of
// the same 60 items, as a few wholesale orders among the retail ones.
func wholesale(seed uint64) Baskets {
	rng := rand.New(rand.NewPCG(seed, 3))
	const ordinary, items, large, of = 100_000, 5_000, 50, 60
	var build Builder
	var basket []uint32
	for i := range ordinary {
		if i%(ordinary/30) == 17 && i/(ordinary/30) < 30 {
			build.Add(pick(rng, large, of))
		}
		basket = basket[:0]
		for range 1 + rng.IntN(6) + rng.IntN(7) + rng.IntN(2) {
			basket = append(basket, uint32(rng.IntN(items)))
		}
		build.Add(basket)
	}
	return build.Baskets()
}

func pick(rng *rand.Rand, n, of int) []uint32 {
	var basket []uint32
	for _, i := range rng.Perm(of)[:n] {
		basket = append(basket, uint32(i))
	}
	return basket
}

func TestBlowUpEndsAtTheBudgetUnderAGigabyte(t *testing.T) {
	b := wholesale(1)
	c := DefaultConfig()
	c.MinSupport, c.MaxLength = 0.0001, 8
	peak := watchMemory()
	sets, r, err := c.Mine(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	if got := peak(); got > 1<<30 {
		t.Errorf("heap: got %d MiB, want at most 1024", got>>20)
	}
	if b.Len() != 100_030 || r.AskedCount != 11 {
		t.Fatalf("got %d baskets and a count of %d, want 100030 and 11", b.Len(), r.AskedCount)
	}
	if !r.Partial || r.Reason != OverBudget || r.MinCount <= 11 {
		t.Errorf("got partial %v, reason %q, count %d, want a result over budget at a raised count", r.Partial, r.Reason, r.MinCount)
	}
	if sets.Len() > c.Budget.Sets || r.Bytes > c.Budget.Bytes {
		t.Errorf("got %d sets of %d bytes, want at most %+v", sets.Len(), r.Bytes, c.Budget)
	}
	if len(r.Heavy) != 30 {
		t.Fatalf("got %d heavy baskets, want the 30 large ones", len(r.Heavy))
	}
	share := 0.0
	for _, h := range r.Heavy {
		share += h.Share
		if h.Length != 50 {
			t.Errorf("heavy basket %d: got length %d, want 50", h.Basket, h.Length)
		}
	}
	if share < 0.99 || share > 1.000001 {
		t.Errorf("heavy baskets: got a share of %v, want nearly all", share)
	}
	if !slices.ContainsFunc(r.Warnings, func(w models.Warning) bool { return w.Code == "heavy_baskets" && w.Count == 30 }) {
		t.Errorf("got warnings %v, want one of 30 heavy baskets", r.Warnings)
	}
	// The same again at the raised count is a whole result, and the same one.
	c.MinSupport, c.MinCount = 0, r.MinCount
	again, r2, err := c.Mine(context.Background(), b)
	if err != nil || r2.Partial || !reflect.DeepEqual(sets, again) {
		t.Errorf("at count %d: got partial %v, %v, want the same sets", r.MinCount, r2.Partial, err)
	}
}

// watchMemory samples the heap until the returned function is called, which
// gives the highest value seen.
func watchMemory() func() uint64 {
	stop, result := make(chan struct{}), make(chan uint64)
	go func() {
		var highest uint64
		var m runtime.MemStats
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			runtime.ReadMemStats(&m)
			highest = max(highest, m.HeapSys-m.HeapReleased)
			select {
			case <-stop:
				tick.Stop()
				result <- highest
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-result
	}
}

// The promise of a budget: the result is that of the lowest count at which all
// sets fit, for any number of workers.
func TestBudgetRaisesTheCountNoFurtherThanNeeded(t *testing.T) {
	for seed := range 60 {
		rng := rand.New(rand.NewPCG(uint64(seed), 4))
		b := randomBaskets(rng, 60+rng.IntN(200), 5+rng.IntN(6))
		c := plain(1 + rng.IntN(4))
		c.MaxLength = AnyLength
		c.Kind = Kind(rng.IntN(2))
		all := bruteForce(b, c.MinCount, 1, AnyLength, c.Kind)
		if len(all) < 10 {
			continue
		}
		c.Budget.Sets = 1 + rng.IntN(len(all))
		if seed%2 == 1 {
			c.Budget = Budget{Sets: len(all), Bytes: 1024 + int64(rng.IntN(len(all)*16))}
		}
		lowest := c.MinCount
		for ; ; lowest++ {
			sets, bytes := 0, int64(0)
			for _, s := range all {
				if s.Count >= lowest {
					sets++
					bytes += setBytes(len(s.Items))
				}
			}
			if sets <= c.Budget.Sets && bytes <= c.Budget.Bytes {
				break
			}
		}
		for _, c.Workers = range []int{1, 2, 8} {
			sets, r, err := c.Mine(context.Background(), b)
			if err != nil {
				t.Fatal(err)
			}
			if r.MinCount != lowest || r.Partial != (lowest > c.MinCount) {
				t.Fatalf("seed %d: got count %d, partial %v, want %d", seed, r.MinCount, r.Partial, lowest)
			}
			sameSets(t, fmt.Sprintf("seed %d", seed), sets, bruteForce(b, lowest, 1, AnyLength, c.Kind))
		}
	}
}

func TestBudgetOfMaximalSetsGivesTheMaximalSetsOfAHigherCount(t *testing.T) {
	for seed := range 30 {
		rng := rand.New(rand.NewPCG(uint64(seed), 5))
		b := randomBaskets(rng, 60+rng.IntN(200), 5+rng.IntN(6))
		c := plain(2)
		c.MaxLength, c.Kind = AnyLength, Maximal
		c.Budget.Sets = 3
		sets, r, err := c.Mine(context.Background(), b)
		if err != nil {
			t.Fatal(err)
		}
		if sets.Len() > 3 || r.Partial != (r.MinCount > 2) {
			t.Fatalf("seed %d: got %d sets, count %d, partial %v", seed, sets.Len(), r.MinCount, r.Partial)
		}
		sameSets(t, fmt.Sprintf("seed %d", seed), sets, bruteForce(b, r.MinCount, 1, AnyLength, Maximal))
	}
}

func TestStopLeavesAllSetsOfTheMostFrequentItems(t *testing.T) {
	b := wholesale(2)
	c := plain(11)
	c.MaxLength = 8
	whole := plain(11)
	whole.MaxLength = 2
	var asked atomic.Int64
	c.Stop = func() bool { return asked.Add(1) > 20 }
	sets, r, err := c.Mine(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Partial || r.Reason != Stopped || r.CompleteItems >= r.FrequentItems {
		t.Fatalf("got partial %v, reason %q, %d of %d items, want a run stopped", r.Partial, r.Reason, r.CompleteItems, r.FrequentItems)
	}
	a, err := newAlphabet(context.Background(), b, r.MinCount)
	if err != nil {
		t.Fatal(err)
	}
	known := func(items []uint32) bool {
		for _, item := range items {
			if int(a.rankOf[item])-1 >= r.CompleteItems {
				return false
			}
		}
		return true
	}
	for _, s := range sets.All() {
		if !known(s.Items) {
			t.Fatalf("got %v, want only the %d most frequent items", s, r.CompleteItems)
		}
	}
	if r.MinCount == 11 {
		for _, s := range mine(t, whole, b).All() {
			if _, ok := sets.Index(s.Items); !ok && known(s.Items) {
				t.Fatalf("set %v is missing", s)
			}
		}
	}
}

func TestCancellingEndsTheRun(t *testing.T) {
	const slack = 100 * time.Millisecond
	const attempts = 5 // the machine may be busy with others
	b := wholesale(3)
	for kind := range Maximal + 1 {
		var took time.Duration
		for range attempts {
			if took = cancelled(t, b, kind); took <= slack {
				break
			}
		}
		if took > slack {
			t.Errorf("%v: cancelling took %v, want at most %v", kind, took, slack)
		}
	}
}

// cancelled cancels an endless run and returns how long it went on after that.
func cancelled(t *testing.T, b Baskets, kind Kind) time.Duration {
	t.Helper()
	c := plain(8)
	c.Kind, c.MaxLength = kind, AnyLength
	c.Budget = Budget{Sets: 1 << 30, Bytes: 1 << 40}
	ctx, cancel := context.WithCancel(context.Background())
	begun := make(chan time.Time, 1)
	time.AfterFunc(200*time.Millisecond, func() {
		begun <- time.Now()
		cancel()
	})
	if _, _, err := c.Mine(ctx, b); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v: got %v, want context.Canceled", kind, err)
	}
	return time.Since(<-begun)
}
