package table

import (
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

func TestRowsOfValuesAreCopiedInTheOrderOfThePlaces(t *testing.T) {
	var texts datasets.Strings
	for _, text := range []string{"a", "", "ccc"} {
		texts.Append([]byte(text))
	}
	v := Values{Ints: []int64{1, 2, 3}, Floats: []float64{1.5, 2.5, 3.5}, Codes: []uint32{0, 1, 2}, Dict: texts, Texts: texts, Valid: datasets.NewBitmap(3)}
	v.Valid.Set(2)
	got := v.Rows([]int{2, 0})
	if !slices.Equal(got.Ints, []int64{3, 1}) || !slices.Equal(got.Floats, []float64{3.5, 1.5}) || !slices.Equal(got.Codes, []uint32{2, 0}) || got.Dict.Len() != 3 {
		t.Errorf("got %v, %v and %v", got.Ints, got.Floats, got.Codes)
	}
	if got.Texts.Len() != 2 || string(got.Texts.At(0)) != "ccc" || string(got.Texts.At(1)) != "a" {
		t.Errorf("got the texts %q", got.Texts.Data)
	}
	if !got.Valid.Get(0) || got.Valid.Get(1) || got.Int32s != nil || got.Strings != nil {
		t.Errorf("got %v valid, want the first alone, and no values of other kinds", got.Valid)
	}
	if got.Ints[0] = 9; v.Ints[2] != 3 {
		t.Error("got values that are shared")
	}
	if none := v.Rows(nil); none.Texts.Len() != 0 || len(none.Ints) != 0 {
		t.Errorf("got %v for no rows", none)
	}
}
