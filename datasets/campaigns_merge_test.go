package datasets

import "testing"

func TestRowsOfOneContactAddUpOnce(t *testing.T) {
	c := new(Campaigns)
	c.Add([]byte("b"), []byte("spring"), Contact{Time: 5, Cost: 7})
	c.Add([]byte("a"), []byte("spring"), Contact{Time: 9, Cost: 2})
	c.Add([]byte("a"), []byte("spring"), Contact{Time: 4, Cost: 3})
	c.Settle()
	for id, want := range map[string]Contact{"a": {Time: 4, Cost: 5}, "b": {Time: 5, Cost: 7}} {
		got, ok := c.Contact([]byte(id), "spring")
		if !ok || got.Time != want.Time || got.Cost != want.Cost {
			t.Errorf("%s: got %+v, %v; want the first time %d and the cost %d", id, got, ok, want.Time, want.Cost)
		}
	}
	if c.Len() != 2 || c.Rows() != 3 {
		t.Errorf("got %d contacts of %d rows, want 2 of 3", c.Len(), c.Rows())
	}
}
