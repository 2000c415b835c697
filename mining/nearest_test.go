package mining

import "testing"

func TestTheNearestNameIsAtMostTwoChangesAway(t *testing.T) {
	f := func(key, want string, names ...string) {
		t.Helper()
		if got := Nearest(key, names); got != want {
			t.Errorf("%s among %v: got %q, want %q", key, names, got, want)
		}
	}
	f("regoin", "region", "channel", "region")
	f("stor", "store", "stone", "store")
	f("xyz", "", "region", "store")
	f("ab", "", "cd") // every letter would change
	f("a", "")
}
