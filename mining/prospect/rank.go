package prospect

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
)

// ranked are the prospects with their scores.
type ranked struct {
	learned    *learned
	people     *datasets.Attributes
	columns    []int     // of the attributes learned from, among those of people
	order      []uint32  // numbers of the prospects who are no customers, by id
	scores     []float64 // in that order
	percentile []float64
	customers  int // prospects who are
	blank      int // without a known attribute
	words      *words.Words
	unseen     int // values of categories that count as missing
}

// batchRows is the number of prospects scored and written at a time.
const batchRows = 1 << 15

// rank scores the prospects but for those who are customers.
func (l *learned) rank(ctx context.Context, people *datasets.Attributes, customers []bool, w *words.Words) (*ranked, error) {
	r := &ranked{learned: l, people: people, words: w}
	for _, a := range l.list {
		r.columns = append(r.columns, slices.Index(people.List(), a))
	}
	for number, is := range customers {
		if is {
			r.customers++
			continue
		}
		r.order = append(r.order, uint32(number))
	}
	slices.SortFunc(r.order, func(x, y uint32) int { return bytes.Compare(people.ID(x), people.ID(y)) })
	r.scores = make([]float64, len(r.order))
	for from := 0; from < len(r.order); from += batchRows {
		to := min(from+batchRows, len(r.order))
		v, blank, unseen := r.values(from, to)
		r.blank += blank
		r.unseen += unseen
		if err := l.ranker.scoreTo(ctx, r.scores[from:to], v); err != nil {
			return nil, err
		}
	}
	r.percentile = percentiles(r.scores)
	return r, ctx.Err()
}

// values returns the attributes of some prospects in the form for the models, the number of
// prospects without attributes, and the number of values that count as missing.
func (r *ranked) values(from, to int) (v values, blank, unseen int) {
	v = make(values, len(r.columns))
	for k := range v {
		v[k] = make([]float64, to-from)
	}
	row := make([]float64, len(r.people.List()))
	for i := from; i < to; i++ {
		r.people.RowTo(row, r.order[i])
		known := false
		for k, at := range r.columns {
			v[k][i-from] = row[at]
			known = known || row[at] == row[at]
		}
		if !known {
			blank++
		}
	}
	for k, at := range r.columns {
		if a := &r.learned.encoding[k]; a.category {
			unseen += a.translate(v[k], r.people.Categories(at))
		}
	}
	return v, blank, unseen
}

// percentiles returns the place of each value, (mean rank − ½)/n with ranks from the lowest.
func percentiles(scores []float64) []float64 {
	order := positions(len(scores))
	slices.SortStableFunc(order, func(i, j uint32) int {
		switch {
		case scores[i] < scores[j]:
			return -1
		case scores[i] > scores[j]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(scores))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && scores[order[to]] == scores[order[from]] {
			to++
		}
		for _, i := range order[from:to] { // the mean of the ranks from+1 … to is (from+to+1)/2
			out[i] = float64(from+to) / 2 / float64(len(scores))
		}
		from = to
	}
	return out
}

// table returns prospects.parquet.
func (r *ranked) table() mining.Table {
	return mining.Table{Name: file, Columns: columns, People: "prospect", SortedBy: []string{"prospect"}, Write: func(ctx context.Context, w mining.TableWriter) error {
		for from := 0; from == 0 || from < len(r.order); from += batchRows {
			to := min(from+batchRows, len(r.order))
			reasons, codes, err := r.reasons(ctx, from, to)
			if err != nil {
				return err
			}
			v := []table.Values{{}, {Floats: r.scores[from:to]}, {Floats: r.percentile[from:to]}, {Lists: reasons}, {Lists: codes}}
			for _, number := range r.order[from:to] {
				v[0].Texts.Append(r.people.ID(number))
			}
			if err := w.Write(v, to-from); err != nil {
				return err
			}
		}
		return nil
	}}
}

// mostReasons is the number of reasons of a prospect.
const mostReasons = 3

// noticeable is the least effect of a reason on the log-odds: it moves the odds by a tenth.
const noticeable = 0.1

// reasons returns the attributes that raise the scores of some prospects, in words and as
// codes.
func (r *ranked) reasons(ctx context.Context, from, to int) (texts, codes [][]string, err error) {
	texts, codes = make([][]string, to-from), make([][]string, to-from)
	if from == to {
		return texts, codes, nil
	}
	v, _, _ := r.values(from, to)
	d := len(v)
	effects := make([]float64, (to-from)*d)
	if err := r.learned.ranker.effectsTo(ctx, effects, v); err != nil {
		return nil, nil, err
	}
	order := make([]int, d)
	for i := range texts {
		row := effects[i*d : (i+1)*d]
		for k := range order {
			order[k] = k
		}
		slices.SortStableFunc(order, func(x, y int) int {
			switch {
			case row[x] > row[y]:
				return -1
			case row[x] < row[y]:
				return 1
			}
			return 0
		})
		for _, k := range order[:min(d, mostReasons)] {
			if row[k] >= noticeable {
				a := &r.learned.encoding[k]
				texts[i] = append(texts[i], a.words(v[k][i], r.words))
				codes[i] = append(codes[i], a.phrase(v[k][i]))
			}
		}
	}
	return texts, codes, nil
}

// short writes a number in at most four significant digits, and a whole number with
// all digits.
func short(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strings.TrimPrefix(strconv.FormatFloat(v, 'g', 4, 64), "+")
}
