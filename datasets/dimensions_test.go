package datasets

import (
	"slices"
	"testing"
)

func TestFurtherDimensionsAreNumberedByName(t *testing.T) {
	a := Columns{Order: true}.WithFurther([]string{"payment", "brand", "payment"})
	b := Columns{Cost: true}.WithFurther([]string{"brand", "department"})
	b.Dims[Store] = true
	u := a.Union(b)
	if got := u.FurtherNames(); !slices.Equal(got, []string{"brand", "department", "payment"}) {
		t.Errorf("got the further dimensions %q", got)
	}
	if u != b.Union(a) || !u.Order || !u.Cost || !u.Has(Store) || u.Has(Region) {
		t.Errorf("got %+v, want the columns of both, whichever comes first", u)
	}
	third := Dimension(Dimensions + 2)
	if !u.Has(third) || u.Has(third+1) || u.Name(third) != "payment" || u.Name(Store) != "store" {
		t.Errorf("got the names %q %q", u.Name(third), u.Name(Store))
	}
	if third.String() != "further dimension 3" || len(Columns{}.FurtherNames()) != 0 {
		t.Errorf("got %s, %q", third, Columns{}.FurtherNames())
	}
}

func TestMoreFurtherDimensionsThanThereAreSlotsAreABug(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	if got := (Columns{}).WithFurther(names).FurtherNames(); !slices.Equal(got, names) {
		t.Errorf("got %q", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("got no panic for nine names, want one")
		}
	}()
	(Columns{}).WithFurther(append(names, "i"))
}

func TestSlicesOfEventsCutFurtherDimensions(t *testing.T) {
	e := Events{
		Time: make([]Moment, 6), Order: make([]uint32, 6), Quantity: make([]Quantity, 6), Amount: make([]Money, 6), Return: make([]bool, 6),
		Further: Further{Columns: &[MaxFurther][]uint32{{0, 1, 2, 3, 4, 5}}},
	}
	s := e.Slice(1, 5)
	s = s.Slice(1, 3)
	if got := s.FurtherCodes(0); !slices.Equal(got, []uint32{2, 3}) {
		t.Errorf("got %v, want the codes of the third and the fourth event", got)
	}
	if s.FurtherCodes(1) != nil || s.FurtherCodes(7) != nil || (&Events{}).FurtherCodes(0) != nil {
		t.Error("got codes of dimensions that there are not")
	}
}
