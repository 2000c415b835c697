package itemset

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func TestSetsAndRulesRoundTrip(t *testing.T) {
	for seed := range 20 {
		rng := rand.New(rand.NewPCG(uint64(seed), 7))
		b := randomBaskets(rng, 10+rng.IntN(100), 1+rng.IntN(8))
		for kind := range Maximal + 1 {
			c := plain(1 + rng.IntN(9))
			c.Kind, c.MinLength = kind, 1+rng.IntN(2)
			roundTrip(t, mine(t, c, b), new(Sets))
		}
		rc := DefaultRuleConfig()
		rc.MaxConsequent, rc.MinConfidence = 2, 0.3
		rules, _ := derive(t, mine(t, plain(2), b), rc)
		roundTrip(t, rules, new(Rules))
	}
}

func roundTrip(t *testing.T, model, empty any) {
	t.Helper()
	data, err := json.Marshal(model)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, empty); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	again, err := json.Marshal(empty)
	if err != nil || string(again) != string(data) {
		t.Fatalf("got %v,\n%s, want\n%s", err, again, data)
	}
	if a, ok := model.(*Rules); ok {
		for i, r := range a.All() {
			if got := empty.(*Rules).At(i); !reflect.DeepEqual(got, r) {
				t.Fatalf("rule %d: got %+v, want %+v", i, got, r)
			}
		}
	}
	if a, ok := model.(*Sets); ok {
		var want []Set
		for _, s := range a.All() {
			want = append(want, s)
		}
		sameSets(t, "read", empty.(*Sets), want)
	}
}

func TestJSONIsReadable(t *testing.T) {
	var build Builder
	for _, b := range [][]uint32{{0, 1}, {0, 1}, {0}, {2}} {
		build.Add(b)
	}
	sets := mine(t, plain(2), build.Baskets())
	data, err := json.Marshal(sets)
	want := `{"kind":"frequent","baskets":4,"min_count":2,"sets":[{"items":[0],"count":3},{"items":[1],"count":2},{"items":[0,1],"count":2}]}`
	if err != nil || string(data) != want {
		t.Errorf("got %v, %s, want %s", err, data, want)
	}
	rules, _ := derive(t, sets, DefaultRuleConfig())
	data, err = json.Marshal(rules)
	want = `{"baskets":4,"rules":[{"antecedent":[1],"consequent":[0],"count":2,"antecedent_count":2,"consequent_count":3,` +
		`"support":0.5,"confidence":1,"lift":1.3333333333333333,"p_value":`
	if err != nil || !strings.HasPrefix(string(data), want) {
		t.Errorf("got %v, %s, want %s…", err, data, want)
	}
}

func TestDamagedJSONIsRefused(t *testing.T) {
	for _, text := range []string{
		``, `{}`, `[]`, `{"kind":"frequent"}`, `{"kind":"odd","baskets":1,"min_count":1}`,
		`{"kind":"frequent","baskets":3,"min_count":0}`,
		`{"kind":"frequent","baskets":3,"min_count":1,"sets":[{"items":[],"count":1}]}`,
		`{"kind":"frequent","baskets":3,"min_count":1,"sets":[{"items":[2,1],"count":1}]}`,
		`{"kind":"frequent","baskets":3,"min_count":1,"sets":[{"items":[1],"count":4}]}`,
		`{"kind":"frequent","baskets":3,"min_count":2,"sets":[{"items":[1],"count":1}]}`,
		`{"kind":"frequent","baskets":3,"min_count":1,"sets":[{"items":[1,2],"count":1},{"items":[1],"count":1}]}`,
		`{"kind":"frequent","baskets":3,"min_count":1,"sets":[{"items":[1],"count":1},{"items":[1],"count":1}]}`,
		`{"kind":"frequent","baskets":3,"min_count":1,"sets":[{"items":[1],"co`,
	} {
		if err := json.Unmarshal([]byte(text), new(Sets)); err == nil {
			t.Errorf("sets: %s was accepted", text)
		}
	}
	for _, text := range []string{
		``, `{}`, `{"baskets":4,"rules":[{}]}`,
		`{"baskets":4,"rules":[{"antecedent":[1],"consequent":[1],"count":1,"antecedent_count":1,"consequent_count":1}]}`,
		`{"baskets":4,"rules":[{"antecedent":[1],"consequent":[0],"count":2,"antecedent_count":1,"consequent_count":2}]}`,
		`{"baskets":4,"rules":[{"antecedent":[1],"consequent":[0],"count":1,"antecedent_count":3,"consequent_count":3}]}`,
		`{"baskets":4,"rules":[{"antecedent":[1],"consequent":[0],"count":1,"antecedent_count":1,"consequent_count":1,"p_value":2}]}`,
	} {
		if err := json.Unmarshal([]byte(text), new(Rules)); err == nil {
			t.Errorf("rules: %s was accepted", text)
		}
	}
}

func FuzzReadSets(f *testing.F) {
	f.Add([]byte(`{"kind":"closed","baskets":4,"min_count":2,"sets":[{"items":[0],"count":3},{"items":[0,1],"count":2}]}`))
	f.Add([]byte(`{"kind":"frequent","baskets":0,"min_count":1,"complete_items":0,"sets":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := new(Sets)
		if s.UnmarshalJSON(data) != nil {
			return
		}
		roundTrip(t, s, new(Sets))
		if _, _, err := s.Rules(t.Context(), DefaultRuleConfig()); err == nil && s.Len() > 0 && s.MaxLength() < 1 {
			t.Error("rules without sets")
		}
	})
}

func FuzzReadRules(f *testing.F) {
	f.Add([]byte(`{"baskets":4,"rules":[{"antecedent":[1],"consequent":[0],"count":2,"antecedent_count":2,"consequent_count":3,"p_value":0.5,"adjusted_p":1,"improvement":0.25}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := new(Rules)
		if r.UnmarshalJSON(data) == nil {
			roundTrip(t, r, new(Rules))
			r.Ranked(ByLift)
		}
	})
}
