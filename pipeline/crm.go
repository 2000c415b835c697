package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/pipeline/export"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

const crmFolder = "crm/generic"

// crm writes the files for CRM importers from the scores.
type crm struct {
	stage *stage
	out   *export.Generic
}

func (r *run) newCRM(s *stage) (*crm, error) {
	path, err := s.create(crmFolder + "/" + export.FullName)
	if err != nil {
		return nil, err
	}
	out, err := export.NewGeneric(filepath.Dir(path), r.base.path, r.job.Workers)
	if err != nil {
		return nil, errorf(NotWritten, "writing %s: %w", crmFolder, err)
	}
	return &crm{stage: s, out: out}, nil
}

// deltaBase is the file that a run's delta compares with, "" for none, and how
// the manifest names it.
type deltaBase struct {
	path    string
	account *DeltaBase
}

// findBase finds what the delta of the folder called name compares with. Where
// it is not to be read, only the account of it is right for an object store.
func (r *run) findBase(ctx context.Context, jobFolder, name string, read bool) (deltaBase, error) {
	if r.remote != nil {
		if err := r.remote.fetchBase(ctx, name, read); err != nil {
			return deltaBase{}, withCode(NotWritten, err)
		}
	}
	return findBase(ctx, jobFolder, name, read)
}

// findBase finds it in the folder of a job, and compares it with its checksum if it
// is to be read.
func findBase(ctx context.Context, jobFolder, name string, read bool) (deltaBase, error) {
	const file = crmFolder + "/" + export.FullName
	path, err := earlierFile(jobFolder, name, file)
	if err != nil {
		return deltaBase{}, errorf(NotWritten, "finding the run before: %w", err)
	}
	if path == "" {
		return deltaBase{}, nil
	}
	folder := strings.TrimSuffix(path, filepath.FromSlash("/"+file))
	account := &DeltaBase{AsOf: strings.TrimPrefix(filepath.Base(folder), dayPrefix)}
	p, err := readPublication(folder)
	if err != nil {
		return deltaBase{}, errorf(BadInput, "the run that the delta compares with: %w; restore its folder from a copy, or remove it", err)
	}
	o, ok := p.output(file)
	if !ok {
		return deltaBase{}, errorf(BadInput, "%s: got a file that the manifest of that run does not have; restore the folder from a copy, or remove it", path)
	}
	account.SHA256 = o.SHA256
	if read {
		if err := p.verify(ctx, folder, o); err != nil {
			return deltaBase{}, withCode(BadInput, fmt.Errorf("the run that the delta compares with: %w", err))
		}
	}
	return deltaBase{path, account}, nil
}

// earlierFile returns a file of the newest run of an earlier day that is
// published, "" where there is none. Runs of the same day do not count: a run
// that is repeated compares with what its first try compared with.
func earlierFile(jobFolder, name, file string) (string, error) {
	entries, err := os.ReadDir(jobFolder)
	if err != nil {
		return "", err
	}
	var days []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), dayPrefix) && e.Name() < name {
			days = append(days, e.Name())
		}
	}
	slices.Sort(days)
	for _, day := range slices.Backward(days) {
		path := filepath.Join(jobFolder, day, filepath.FromSlash(file))
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	return "", nil
}

// write adds a batch of customers.
func (c *crm) write(ctx context.Context, b *steps.Scored) error {
	number := func(name string) func(i int) float64 {
		v := &b.Score(name).Values
		return func(i int) float64 {
			switch {
			case v.Valid != nil && !v.Valid.Get(i):
				return math.NaN()
			case v.Floats != nil:
				return v.Floats[i]
			case v.Int32s != nil:
				return float64(v.Int32s[i])
			}
			return float64(v.Ints[i])
		}
	}
	score := func(name string) func(i int) uint8 {
		of := number(name)
		return func(i int) uint8 {
			if v := of(i); v == v {
				return uint8(v)
			}
			return 0
		}
	}
	text := func(name string) func(i int) string {
		v := &b.Score(name).Values
		return func(i int) string {
			switch {
			case v.Valid != nil && !v.Valid.Get(i):
				return ""
			case v.Strings != nil:
				return v.Strings[i]
			}
			return string(v.Dict.At(int(v.Codes[i])))
		}
	}
	recency, orders, money, churn, segment := number("recency_days"), number("frequency"), number("monetary"), number("churn_prob"), number("segment")
	r, f, m := score("r_score"), score("f_score"), score("m_score")
	rfm, name, reasons := text("rfm_segment"), text("segment_name"), text("churn_reasons")
	err := c.out.Write(ctx, b.Rows, func(i int, row *export.Row) {
		*row = export.Row{
			Customer: b.IDs.At(i), RecencyDays: recency(i), Frequency: orders(i), Monetary: money(i), R: r(i), F: f(i), M: m(i),
			RFMSegment: rfm(i), SegmentName: name(i), ChurnProb: churn(i), Reasons: reasons(i),
		}
		if s := segment(i); s == s {
			row.Segment = int32(s)
		}
	})
	if err != nil {
		return withCode(NotWritten, fmt.Errorf("writing %s: %w", crmFolder, err))
	}
	return nil
}

// finish closes the files and, unless writing has failed, reads them back and
// enters them into the manifest.
func (c *crm) finish(ctx context.Context, failed bool) error {
	closing := c.out.Close(ctx)
	if failed {
		return nil
	}
	if closing != nil {
		return errorf(NotWritten, "writing %s: %w", crmFolder, closing)
	}
	full, delta := c.out.Rows()
	return bothOf(
		func() error { return c.seal(export.FullName, full) },
		func() error { return c.seal(export.DeltaName, delta) },
	)
}

func (c *crm) seal(name string, rows int64) error {
	return c.stage.seal(crmFolder+"/"+name, rows, func(path string, rows int64) error {
		return c.stage.checkCSV(path, export.Header(name), rows)
	})
}
