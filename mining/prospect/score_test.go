package prospect_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/mining/prospect"
	"github.com/quintile-dev/quintile/mining/stepcheck"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
)

func TestScoringRanksProspectsByTheStoredModel(t *testing.T) {
	const people = "id,town,age\nb,York,60\na,Bath,30\nd,York,30\nnobody,,\nc4,York,60\ne,Rome,30\n"
	text := club(t, people, "{prospect: {target: top 25% by monetary}}")
	fitted := run(t, text)
	models, err := modelfile.Read(context.Background(), fitted.Folder)
	if err != nil {
		t.Fatal(err)
	}
	job, err := config.Parse("job.yaml", []byte(strings.Replace(text, "job: club", "job: later", 1)))
	if err != nil {
		t.Fatal(err)
	}
	env := pipeline.Env{Log: zerolog.Nop(), Now: func() time.Time { return time.Unix(0, 0) }, Version: "test"}
	scored, err := pipeline.Score(context.Background(), job, models, env)
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range []string{"prospect", "score_prob", "percentile"} {
		got := stepcheck.FileCells(t, filepath.Join(scored.Folder, "prospects.parquet"), column)
		want := stepcheck.FileCells(t, filepath.Join(fitted.Folder, "prospects.parquet"), column)
		if len(got) != 5 || !slices.Equal(got, want) {
			t.Errorf("%s: got %v by the stored model, want %v", column, got, want)
		}
	}
	file, err := os.ReadFile(filepath.Join(scored.Folder, "crm", "generic", "prospects.csv"))
	if err != nil || strings.Count(string(file), "\n") != 6 || !strings.HasPrefix(string(file), "prospect,score_prob,percentile,reasons\n") {
		t.Errorf("got the file %q, %v", file, err)
	}
}

func TestDamagedModelsAreRefused(t *testing.T) {
	fitted := run(t, club(t, "id,town,age\nb,York,60\n", "{prospect: {target: top 25% by monetary}}"))
	models, err := modelfile.Read(context.Background(), fitted.Folder)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := json.Marshal(models.Models["prospect"])
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range [][2]string{
		{`"format":"quintile-prospect-1"`, `"format":"other"`}, {`"champion":"`, `"champion":"x`}, {`"shares":[`, `"shares":[0.5,`},
		{`"name":"age"`, `"name":"age","more":1`}, {`"levels":["Bath","York"]`, `"levels":["Bath","Bath"]`}, {`"missing":false`, `"missing":true`},
	} {
		damaged := strings.Replace(string(whole), f[0], f[1], 1)
		if damaged == string(whole) {
			t.Fatalf("the model has no %s: %.300s", f[0], whole)
		}
		if err := json.Unmarshal([]byte(damaged), new(prospect.Model)); err == nil {
			t.Errorf("got no fault for %s", fmt.Sprint(f))
		}
	}
}
