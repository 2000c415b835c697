package datasets_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

func identitiesOf(t *testing.T, pairs ...string) *datasets.Identities {
	t.Helper()
	x := &datasets.Identities{}
	for i := 0; i < len(pairs); i += 2 {
		if ok := x.Add([]byte(pairs[i]), []byte(pairs[i+1])); !ok {
			t.Fatalf("%s → %s: got a contradiction, want none", pairs[i], pairs[i+1])
		}
	}
	return x
}

func TestAnAliasStandsForTheEndOfItsChain(t *testing.T) {
	x := identitiesOf(t, "web-1", "app-000000001", "app-000000001", "C1", "C1", "C1", "till-7", "web-1", "other", "C2")
	if circular := x.Settle(); circular != nil {
		t.Fatalf("got %d aliases in a circle, want none", len(circular))
	}
	for id, want := range map[string]string{
		"web-1": "C1", "app-000000001": "C1", "till-7": "C1", "C1": "C1", "other": "C2", "C2": "C2", "stranger": "stranger", "": "",
	} {
		if got := string(x.Customer([]byte(id))); got != want {
			t.Errorf("%q: got %q, want %q", id, got, want)
		}
	}
	if x.Len() != 5 {
		t.Errorf("got %d aliases, want 5", x.Len())
	}
	var none *datasets.Identities
	if got := string(none.Customer([]byte("a"))); got != "a" {
		t.Errorf("without a table: got %q, want a", got)
	}
}

func TestAnAliasOfTwoCustomersIsAContradiction(t *testing.T) {
	x := identitiesOf(t, "a", "b", "a", "b", "c", "c")
	for _, pair := range [][2]string{{"a", "c"}, {"a", "a"}, {"c", "b"}} {
		if ok := x.Add([]byte(pair[0]), []byte(pair[1])); ok {
			t.Errorf("%s → %s: got no contradiction, want one", pair[0], pair[1])
		}
	}
}

func TestEveryAliasThatLeadsIntoACircleIsFound(t *testing.T) {
	// In the order of first appearance: a 0, b 1, c 2, x 3, y 4, z 5, late 6.
	x := identitiesOf(t, "a", "b", "b", "c", "c", "b", "x", "y", "z", "x", "late", "a")
	if got, want := x.Settle(), []uint32{0, 1, 2, 6}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The order of rows and the length of chains do not matter: everybody in a tree
// stands for its root.
func TestChainsEndAtTheRootInWhateverOrderTheyCome(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		const n = 300
		parent := make([]int, n) // of a node with a smaller number, or itself
		var order []int
		for i := range parent {
			parent[i] = rng.IntN(i + 1)
			order = append(order, i)
		}
		rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
		name := func(i int) []byte { return fmt.Appendf(nil, "customer number %d", i) }
		x := &datasets.Identities{}
		for _, i := range order {
			if ok := x.Add(name(i), name(parent[i])); !ok {
				t.Fatal("got a contradiction, want none")
			}
		}
		if circular := x.Settle(); circular != nil {
			t.Fatalf("got circles %v, want none", circular)
		}
		for i := range n {
			root := i
			for parent[root] != root {
				root = parent[root]
			}
			if got := x.Customer(name(i)); string(got) != string(name(root)) {
				t.Fatalf("%s: got %s, want %s", name(i), got, name(root))
			}
		}
		stop := errors.New("enough")
		seen := 0
		err := x.Each(func(alias, customer []byte) error {
			if string(x.Customer(alias)) != string(customer) {
				t.Fatalf("%s: got %s, want %s", alias, customer, x.Customer(alias))
			}
			if seen++; seen == 10 {
				return stop
			}
			return nil
		})
		if !errors.Is(err, stop) || seen != 10 {
			t.Fatalf("got %v after %d, want %v after 10", err, seen, stop)
		}
	}
}
