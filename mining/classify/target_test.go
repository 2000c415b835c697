package classify_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

const retailJob = `
job: classes
as_of: 2024-12-31
output: OUT
inputs:
  transactions: [{path: LINES, columns: {customer: c, time: t, unit_price: p}}]
  customers: [{path: MEMBERS, columns: {customer: c}, categories: {city: city}}]
steps: STEPS
`

// club returns a job over 200 customers, of whom those who live in York spend more.
func club(t *testing.T, steps string) (config.Job, error) {
	t.Helper()
	folder := t.TempDir()
	var lines, members strings.Builder
	lines.WriteString("c,t,p\n")
	members.WriteString("c,city\n")
	for i := range 200 {
		city, price := "York", "90"
		if i%2 == 0 {
			city, price = "Bath", "10"
		}
		id := "c" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		for k := range 1 + i%5 {
			lines.WriteString(id + "," + time.Date(2024, 1, 1+i%300+k, 0, 0, 0, 0, time.UTC).Format("2006-01-02") + "," + price + "\n")
		}
		if i < 190 { // nothing is known of the others
			members.WriteString(id + "," + city + "\n")
		}
	}
	text := strings.NewReplacer("OUT", folder, "LINES", filepath.Join(folder, "lines.csv"), "MEMBERS", filepath.Join(folder, "members.csv"), "STEPS", steps).Replace(retailJob)
	for name, content := range map[string]string{"lines.csv": lines.String(), "members.csv": members.String()} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return config.Parse("job.yaml", []byte(text))
}

func learnedFrom(t *testing.T, steps string) (features []string, figures manifest.Step) {
	t.Helper()
	job, err := club(t, steps)
	if err != nil {
		t.Fatal(err)
	}
	env := pipeline.Env{Log: zerolog.Nop(), Now: func() time.Time { return time.Unix(0, 0) }, Version: "test"}
	result, err := pipeline.Run(context.Background(), job, env)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(result.Folder, "models", "classify.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Model struct{ Features []string } }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Model.Features, result.Manifest.Steps["classify"]
}

func TestDefiningFeaturesAreLeftOutUnlessNamed(t *testing.T) {
	has := func(features []string, name string) bool {
		return strings.Contains(","+strings.Join(features, ",")+",", ","+name+",")
	}
	features, _ := learnedFrom(t, "{rfm: {}, classify: {target: rfm_segment}}")
	if has(features, "recency_days") || has(features, "frequency") || !has(features, "monetary") {
		t.Errorf("got a tree of %q, want neither recency_days nor frequency, which make the segments", features)
	}
	features, _ = learnedFrom(t, "{rfm: {}, classify: {target: rfm_segment, features: [recency_days, monetary]}}")
	if len(features) != 2 || !has(features, "recency_days") {
		t.Errorf("got a tree of %q, want the features that were named", features)
	}
}

func TestAttributeIsATarget(t *testing.T) {
	_, figures := learnedFrom(t, "{classify: {target: city}}")
	if figures["state"] != "ok" || figures["accuracy"].(float64) != 1 || figures["sampled"].(int) != 190 {
		t.Errorf("got %v, want the cities of 190 customers told apart by what they spend", figures)
	}
}

func TestUnknownTargetIsNamed(t *testing.T) {
	for target, want := range map[string]string{
		"rfm_segmnt": `got "rfm_segmnt", want a grouping; did you mean "rfm_segment"?`,
		"postcode":   `got "postcode", want a grouping of a step or an attribute under categories: rfm_segment`,
		"segment":    "got segment, want the step segments to be named as well",
	} {
		_, err := club(t, "{rfm: {}, classify: {target: "+target+"}}")
		if err == nil || !strings.Contains(err.Error(), "steps.classify.target: "+want) {
			t.Errorf("%s: got %v, want %q", target, err, want)
		}
	}
}
