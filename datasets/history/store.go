package history

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/quintile-dev/quintile/datasets"
)

// Store is a sealed history, ready to be scanned.
type Store struct {
	layout  layout
	workers int
	sources []source
	room
	dicts   [datasets.Slots]datasets.Strings // sorted by text
	ranks   [][datasets.Slots][]uint32       // worker → dimension → code → rank
	packed  []productRanks                   // by worker; nil where there are too many products
	rows    int64
	out     [2]atomic.Int64 // lines of known customers that a scan gave, and lines of others
	spilled int64
	first   datasets.Moment
	last    datasets.Moment
	clock   bool
	days    dayCounts
	folder  *Folder // nil where the history is not kept
}

// source holds some slips of every partition: the slips in an appender's memory
// at the end, or the spilled slips.
type source struct {
	worker   int
	parts    []part // by partition; nil for a spilled source
	longIDs  *datasets.Interner
	segments [][]segment // of a spilled source: by partition, in the order written
}

func (a *Appender) sources() []source {
	for p := range a.parts {
		a.close(uint32(p))
	}
	s := []source{{worker: a.worker, parts: a.parts[:], longIDs: &a.longIDs}}
	if len(a.segments) > 0 {
		byPart := make([][]segment, partitions)
		for _, g := range a.segments {
			byPart[g.part] = append(byPart[g.part], g)
		}
		s = append(s, source{worker: a.worker, segments: byPart})
	}
	return s
}

func (s *Store) observe(a *Appender) {
	if s.rows == 0 {
		s.first, s.last = a.first, a.last
	}
	if a.rows > 0 {
		s.first, s.last = min(s.first, a.first), max(s.last, a.last)
	}
	s.rows += a.rows
	s.clock = s.clock || a.clock
	s.days.merge(&a.days)
}

// Columns returns the optional columns that the history holds.
func (s *Store) Columns() datasets.Columns { return s.layout.columns }

// Span returns the times of the first and the last line item; false where
// there is none.
func (s *Store) Span() (first, last datasets.Moment, ok bool) {
	return s.first, s.last, s.rows > 0
}

// Days returns the days with line items, rising.
func (s *Store) Days() []DayLines { return s.days.list() }

// Clock reports whether times carry a time of day: whether any is not midnight.
func (s *Store) Clock() bool { return s.clock }

// Spilled returns the bytes that went through the disk.
func (s *Store) Spilled() int64 { return s.spilled }

// Dictionary returns the texts of a dimension, sorted bytewise: the code of a
// text in the events is its index. The dictionary is empty where the dimension
// is not mapped. The caller must not change it.
func (s *Store) Dictionary(d datasets.Dimension) *datasets.Strings { return &s.dicts[d] }

// mergeDictionaries unites the texts of all workers and ranks them.
func (s *Store) mergeDictionaries(appenders []*Appender) {
	s.ranks = make([][datasets.Slots][]uint32, len(appenders))
	for d := range datasets.Slots {
		type entry struct {
			text   []byte
			worker int
			code   uint32
		}
		var all []entry
		for w, a := range appenders {
			in := &a.dims[d]
			s.ranks[w][d] = make([]uint32, in.Len())
			for code := range in.Len() {
				all = append(all, entry{in.Text(uint32(code)), w, uint32(code)})
			}
		}
		slices.SortFunc(all, func(x, y entry) int { return bytes.Compare(x.text, y.text) })
		dict := &s.dicts[d]
		for i, e := range all {
			if i == 0 || !bytes.Equal(e.text, all[i-1].text) {
				dict.Append(e.text)
			}
			s.ranks[e.worker][d][e.code] = uint32(dict.Len() - 1)
		}
	}
	if s.dicts[datasets.Product].Len() < noProduct {
		for w := range appenders {
			s.packed = append(s.packed, newProductRanks(s.ranks[w][datasets.Product]))
		}
	}
}

// packedRanks returns the ranks of a worker's products, nil where there are too
// many of them.
func (s *Store) packedRanks(worker int) productRanks {
	if s.packed == nil {
		return nil
	}
	return s.packed[worker]
}

// Bucket is one partition of the customers, complete and in order.
type Bucket struct {
	Index     int              // in [0, Partitions)
	Customers datasets.Strings // ids, sorted bytewise
	From      []int            // events of customer c are From[c] to From[c+1]
	Events    datasets.Events
	Anonymous datasets.Events // lines without a customer, sorted by order, product, time; Order rises by basket
}

// Of returns the events of customer c of the bucket.
func (b *Bucket) Of(c int) datasets.Events { return b.Events.Slice(b.From[c], b.From[c+1]) }

// Partitions is the number of buckets that a scan visits.
const Partitions = partitions

// Scan visits every bucket once, empty ones included, on as many goroutines as the
// store has workers. The contents of a bucket are valid during the visit only. The
// order of visits is random: a visit must store its results under the bucket's
// index. The memory of a visited bucket is released, so a store can be scanned
// once.
//
// Errors: the first error of a visit or of the disk: a *spill.Error for spilled
// data, a *WriteError for a kept history; an error where lines are missing;
// ctx.Err() where cancelled.
func (s *Store) Scan(ctx context.Context, visit func(worker int, b *Bucket) error) error {
	step := 1 // partitions at once: the fewer, the more evenly workers end
	if s.folder != nil {
		step = partitionsPerBucket // which share a file
	}
	tasks := make(chan int, partitions/step)
	for p := 0; p < partitions; p += step {
		tasks <- p
	}
	close(tasks)
	g, ctx := errgroup.WithContext(ctx)
	for w := range s.workers {
		g.Go(func() error {
			a := newAssembler(s, w)
			defer a.shelf.Clear()
			for p := range tasks {
				if err := s.scan(ctx, a, p, p+step, w, visit); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if known, others := s.Scanned(); known+others != s.rows {
		return fmt.Errorf("scanning the history: got %d lines back, want the %d that went in; look after the disk of the temporary files, "+
			"and report it if there is no fault", known+others, s.rows)
	}
	return nil
}

// Scanned returns how many line items of known customers, and how many others, the
// scan has given.
func (s *Store) Scanned() (known, others int64) { return s.out[0].Load(), s.out[1].Load() }

// scan visits the partitions from lo to hi (excluded) in turn, and adds the new
// lines to the kept history, as one bucket.
func (s *Store) scan(ctx context.Context, a *assembler, lo, hi, worker int, visit func(int, *Bucket) error) error {
	var kept *runWriter
	if s.folder != nil {
		kept = s.folder.newRun(lo/partitionsPerBucket, s)
		defer kept.abort()
	}
	for p := lo; p < hi; p++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := a.assemble(p)
		if err != nil {
			return err
		}
		if kept != nil {
			if err := kept.add(a, b); err != nil {
				return &WriteError{err}
			}
		}
		s.out[0].Add(int64(b.From[len(b.From)-1]))
		s.out[1].Add(int64(b.Anonymous.Len()))
		a.release()
		if err := visit(worker, b); err != nil {
			return err
		}
	}
	if kept != nil {
		if err := kept.finish(); err != nil {
			return &WriteError{err}
		}
	}
	return nil
}

// Close releases the memory and the temporary files. Memory and files of another
// owner were given back by Scan, and are left alone.
func (s *Store) Close() error { return s.release() }
