package prospect_test

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/mining/stepcheck"
	"github.com/quintile-dev/quintile/models/metric"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// hillstrom returns the rows of Hillstrom's e-mail test, without the header.
func hillstrom(t *testing.T) [][]string {
	t.Helper()
	f, err := os.Open(stepcheck.RealData(t, "hillstrom/hillstrom.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// The columns of Hillstrom's rows.
const (
	recency = iota
	_
	history
	mens
	womens
	zip
	newbie
	channel
)

// lookalike runs prospect on Hillstrom: customers of the training half have spent what the
// history says, the other half are prospects.
func lookalike(t *testing.T, attributes string) (*pipeline.Result, map[string]bool) {
	t.Helper()
	folder := t.TempDir()
	var lines, customers, prospects strings.Builder
	lines.WriteString("c,t,a\n")
	const head = "id,recency,mens,womens,newbie,zip,channel\n"
	customers.WriteString(head)
	prospects.WriteString(head)
	best := map[string]bool{} // of the prospects
	for i, row := range hillstrom(t) {
		b := &customers
		if sha256.Sum256([]byte(strconv.Itoa(i)))[0] >= 128 {
			b = &prospects
			spent, err := strconv.ParseFloat(row[history], 64)
			if err != nil {
				t.Fatal(err)
			}
			best[strconv.Itoa(i)] = spent >= 383.198
		} else {
			fmt.Fprintf(&lines, "%d,2020-01-01,%s\n", i, row[history])
		}
		fmt.Fprintf(b, "%d,%s,%s,%s,%s,%s,%s\n", i, row[recency], row[mens], row[womens], row[newbie], row[zip], row[channel])
	}
	for name, text := range map[string]string{"lines.csv": lines.String(), "customers.csv": customers.String(), "prospects.csv": prospects.String()} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.NewReplacer("FOLDER", folder, "OUT", t.TempDir(), "ATTRIBUTES", attributes).Replace(`
job: lookalike
output: OUT
inputs:
  transactions: [{path: FOLDER/lines.csv, columns: {customer: c, time: t, amount: a}}]
  customers: [{path: FOLDER/customers.csv, columns: {customer: id}, ATTRIBUTES}]
  prospects: [{path: FOLDER/prospects.csv, columns: {prospect: id}, ATTRIBUTES}]
steps: {prospect: {}}
`)
	return run(t, text), best
}

func run(t *testing.T, text string) *pipeline.Result {
	t.Helper()
	job, err := config.Parse("job.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	result, err := pipeline.Run(context.Background(), job, pipeline.Env{Log: zerolog.Nop(), Now: func() time.Time { return time.Unix(0, 0) }, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestLookalikesOfHillstromMeetTheBars(t *testing.T) {
	for _, f := range []struct {
		name, attributes string
		auc, lift        float64 // of the better of scikit-learn's logistic regression and LightGBM, on the prospects
	}{
		{"all attributes", "numbers: {recency: recency, mens: mens, womens: womens, newbie: newbie}, categories: {zip: zip, shop: channel}", 0.819017, 3.905118},
		{"without channel and flags", "numbers: {recency: recency, newbie: newbie}, categories: {zip: zip}", 0.709039, 2.403880},
	} {
		result, best := lookalike(t, f.attributes)
		scores, labels := readScores(t, result.Folder, best)
		auc, err := metric.ROCAUC(scores, labels, nil)
		if err != nil {
			t.Fatal(err)
		}
		lift, err := metric.TopLift(scores, labels, 0.1)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: AUC %.6f lift %.6f of %d prospects; %v", f.name, auc, lift, len(scores), result.Manifest.Steps["prospect"])
		if len(scores) != 31946 {
			t.Errorf("%s: got %d prospects, want 31946", f.name, len(scores))
		}
		if auc < f.auc-0.003 {
			t.Errorf("%s: got AUC %.6f, want at least %.6f − 0.003", f.name, auc, f.auc)
		}
		if lift < f.lift-0.12 { // its standard error is about 0.06
			t.Errorf("%s: got lift %.4f, want about %.4f", f.name, lift, f.lift)
		}
	}
}
