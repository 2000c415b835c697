package config

import (
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining/rfm"
)

func parseRFM(t *testing.T, settings string) (Job, error) {
	t.Helper()
	return Parse("job.yaml", []byte("job: a\ninputs: {transactions: [{path: a.csv, columns: {customer: c, time: t}}]}\nsteps:\n  rfm: "+settings+"\n"))
}

func TestOwnCutsAndNamesAreRead(t *testing.T) {
	job, err := parseRFM(t, `{bins: 2, ties: hash, cuts: {frequency: [2.5]}, map: {version: ours-1, rules: [{name: gone, r: [1, 1]}, {name: best, r: [2, 2], f: [2, 2]}, {name: rest, r: [2, 2], f: [1, 1]}]}}`)
	if err != nil {
		t.Fatal(err)
	}
	c := SettingsOf[rfm.Settings](job.Steps).Scoring()
	if c.Bins != 2 || c.Ties != features.Hashed || c.Cuts == nil || c.Cuts.Recency != nil || len(c.Cuts.Frequency) != 1 || c.Cuts.Frequency[0] != 2.5 {
		t.Errorf("got %+v", c)
	}
	if c.Segments.Version != "ours-1" || c.Segments.Name(2, 2, 1, 2) != "best" || c.Segments.Name(2, 1, 2, 2) != "rest" || c.Segments.Name(1, 2, 2, 2) != "gone" {
		t.Errorf("got the map %+v", c.Segments)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	text, err := job.MarshalJSON()
	if err != nil || !strings.Contains(string(text), `"cuts":{"frequency":[2.5]},"map":{"version":"ours-1","rules":[{"name":"gone","r":[1,1]}`) {
		t.Errorf("got %s, %v", text, err)
	}
	plain, err := parseRFM(t, "{}")
	if err != nil || SettingsOf[rfm.Settings](plain.Steps).Scoring().Ties != features.Lowest {
		t.Errorf("got %+v, %v; want ties cut by default", plain, err)
	}
}

func TestCutsAndMapsThatDoNotFitAreRefused(t *testing.T) {
	f := func(settings string, want ...string) {
		t.Helper()
		_, err := parseRFM(t, settings)
		if err == nil {
			t.Errorf("%s: got no error", settings)
			return
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: got %q, want %q in it", settings, err, w)
			}
		}
	}
	f("{cuts: {recency: [30, 30, 90, 180], monetary: [1, 2]}}",
		"job.yaml:4:25: steps.rfm.cuts.recency: got [30 30 90 180], want 4 rising numbers, one less than bins", "steps.rfm.cuts.monetary: got [1 2]")
	f("{cuts: {frequency: [a, 2, 3, 4]}}", `steps.rfm.cuts.frequency[0]: got "a", want a number`)
	f("{cuts: {}}", "steps.rfm.cuts: got none, want limits of recency, frequency, monetary or several")
	f("{method: nested, cuts: {frequency: [1, 2, 3, 4]}}", `job.yaml:4:17: steps.rfm.method: got nested, want "independent" with cuts`)
	f("{ties: random}", `steps.rfm.ties: got "random", want one of cut, share, hash`)
	f("{bins: 2, map: {rules: [{name: all}]}}", "steps.rfm.map.version: got an empty text, want a name for this map")
	f("{bins: 2, map: {version: v, rules: [{name: a, r: [1, 1]}]}}", `steps.rfm.map.rules: got 0 rules for cell 211 [], want one rule for each cell`)
	f("{bins: 2, map: {version: v, rules: [{name: a}, {name: b, m: [2, 2]}]}}", `got 2 rules for cell 112 ["a" "b"]`)
	f("{bins: 2, map: {version: v, rules: [{name: a, r: [1, 300]}]}}", "steps.rfm.map.rules[0].r: got [1 300], want two scores from 1 to 2, the lower first")
	f("{bins: 2, map: {version: v, rules: [{name: a, f: [1]}]}}", "steps.rfm.map.rules[0].f: got [1]")
	f("{bins: 2, map: {version: v, rules: [{name: a, f: [2, 1]}]}}", "steps.rfm.map.rules[0].f: got [2 1]")
	f("{bins: 2, map: {version: v, rules: [{name: a, f: [1, 3]}]}}", "steps.rfm.map.rules[0].f: got [1 3]")
}
