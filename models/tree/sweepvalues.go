package tree

import (
	"context"
	"math"
)

// sweepValues considers every cut of a numeric column that has no bins, by
// sorting the values of the node's rows.
func (s *sweeper) sweepValues(ctx context.Context, j int, smp *sample, rows []uint32, w *workspace) error {
	keys := w.sortable(smp, j, rows)
	keys, err := sortKeys(ctx, keys, w.spareKeys, 32)
	if err != nil || len(keys) == 0 {
		return err
	}
	missing := len(keys) < len(rows)
	s.begin()
	s.sweepKeys(j, smp, rows, keys, missing, false)
	if !missing {
		return nil
	}
	s.tryNumeric(j, 0, math.Inf(1), true, false)
	s.begin()
	for _, r := range rows {
		if v := smp.columns[j].values[r]; v != v {
			s.moveRow(smp, r)
		}
	}
	s.sweepKeys(j, smp, rows, keys, true, true)
	return nil
}

// sortable returns key<<32 | payload for every row that has a value in column
// j. The payload is the row's place in rows, or its class where rows are only
// counted, so that the sweep need not look the row up.
func (w *workspace) sortable(smp *sample, j int, rows []uint32) []uint64 {
	if cap(w.keys) < len(rows) {
		w.keys, w.spareKeys = make([]uint64, len(rows)), make([]uint64, len(rows))
	}
	keys := w.keys[:0]
	values := smp.columns[j].values
	unit := smp.unit()
	for i, r := range rows {
		v := values[r]
		if v != v {
			continue
		}
		payload := uint64(i)
		if unit {
			payload = uint64(smp.class[r])
		}
		keys = append(keys, uint64(keyOf(v))<<32|payload)
	}
	w.spareKeys = w.spareKeys[:cap(w.spareKeys)]
	return keys
}

// sweepKeys moves the sorted rows left in turn and considers a cut wherever the
// value changes.
func (s *sweeper) sweepKeys(j int, smp *sample, rows []uint32, keys []uint64, missing, missingLeft bool) {
	unit := smp.unit()
	if unit && s.criterion == Gini {
		s.sweepCounts(j, keys, missing, missingLeft)
		return
	}
	for i, key := range keys {
		if i > 0 && key>>32 != keys[i-1]>>32 {
			s.tryNumeric(j, 0, between(valueOf(uint32(keys[i-1]>>32)), valueOf(uint32(key>>32))), missing, missingLeft)
		}
		if unit {
			s.moveMass(int(uint32(key)), 1)
			s.leftRows++
		} else {
			s.moveRow(smp, rows[uint32(key)])
		}
	}
}

// sweepCounts is sweepKeys for the Gini index of counted rows. The sums of
// squares are updated at every step (exactly, as for whole numbers) instead of
// added up anew for every cut.
func (s *sweeper) sweepCounts(j int, keys []uint64, missing, missingLeft bool) {
	var leftSquares, rightSquares float64
	for k := range s.left {
		leftSquares += float64(s.left[k] * s.left[k])
		rightSquares += float64(s.right[k] * s.right[k])
	}
	left, total := float64(s.leftRows), float64(s.node.rows)
	fewest := max(float64(s.minRows), s.minWeight)
	for i, key := range keys {
		if i > 0 && key>>32 != keys[i-1]>>32 && left >= fewest && total-left >= fewest {
			score := leftSquares/left + rightSquares/(total-left)
			if !s.best.found || score > s.best.score {
				s.leftRows = int(left)
				s.tryNumeric(j, 0, between(valueOf(uint32(keys[i-1]>>32)), valueOf(uint32(key>>32))), missing, missingLeft)
			}
		}
		k := uint32(key)
		leftSquares += float64(2*s.left[k]) + 1
		rightSquares -= float64(2*s.right[k]) - 1
		s.left[k]++
		s.right[k]--
		left++
	}
	s.leftRows = int(left)
}

// moveRow takes one row to the left.
func (s *sweeper) moveRow(smp *sample, r uint32) {
	w := smp.weightOf(r)
	if smp.classes > 0 {
		s.moveMass(int(smp.class[r]), w)
	} else {
		s.moveMass(0, w)
		s.moveMass(1, float64(w*smp.value[r]))
	}
	s.leftRows++
}

func (s *sweeper) moveMass(k int, m float64) {
	s.left[k] += m
	s.right[k] = s.node.mass[k] - s.left[k]
}
