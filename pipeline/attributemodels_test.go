package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining/churn"
	"github.com/quintile-dev/quintile/mining/classify"
	"github.com/quintile-dev/quintile/mining/segments"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
)

// membersOf makes up the customers of a file of line items: an age, a city, and left,
// which says who bought nothing in the last quarter and so gives churn away. Some have
// no row, some two, which agree or do not.
func membersOf(t *testing.T, lines string) (header string, rows []string) {
	t.Helper()
	last := lastDays(t, lines)
	for i, id := range slices.Sorted(maps.Keys(last)) {
		left := 0
		if last[id] < "2025-04-01" {
			left = 1
		}
		row := func(age int, city string) {
			rows = append(rows, fmt.Sprintf("%s,%d.5,%s,%d", id, age, city, left))
		}
		age, city := 18+i*7%60, fmt.Sprintf("city %d", i*i%11)
		switch i % 10 {
		case 3:
		case 4:
			row(age, city)
			row(age, city)
		case 5:
			row(age, city)
			row(age+1, "Elsewhere")
		default:
			row(age, city)
		}
	}
	return "id,Age,City,Left", append(rows, "nobody,99.5,Nowhere,1")
}

// lastDays returns the last day of each customer in a file of line items.
func lastDays(t *testing.T, path string) map[string]string {
	t.Helper()
	r, err := csvio.Open(path, csvio.DefaultOptions())
	must(t, err)
	defer func() { must(t, r.Close()) }()
	at := func(name string) int {
		return slices.IndexFunc(r.Fields(), func(f datasets.Field) bool { return f.Name == name })
	}
	must(t, r.Select([]int{at("customer_id"), at("time")}))
	last := map[string]string{}
	var frame datasets.Frame
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return last
		}
		must(t, err)
		must(t, part.Decode(&frame))
		for i := range frame.Rows {
			if id := string(frame.Columns[0].TextAt(i)); id != "" {
				last[id] = max(last[id], string(frame.Columns[1].TextAt(i)))
			}
		}
	}
}

// clubJob is the job of the synthetic retailer with its members, by whose age it
// groups.
func clubJob(t *testing.T, lines, members string) config.Job {
	t.Helper()
	job := withMembers(t, synthJob(t, lines), members, "age: Age, left_us: Left", "city: City")
	edit(t, &job, "segments", func(s *segments.Settings) { s.K, s.Features = 3, []string{"recency_days", "monetary", "age"} })
	return job
}

// membersParquet writes members as Parquet, with the types of a database.
func membersParquet(t *testing.T, rows []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "members.parquet")
	w, err := parquetio.Create(path, []table.Column{
		{Name: "id", Type: table.Text}, {Name: "Age", Type: table.Float64},
		{Name: "City", Type: table.Text, Dictionary: true}, {Name: "Left", Type: table.Int64},
	}, parquetio.DefaultOptions())
	must(t, err)
	v := make([]table.Values, 4)
	for _, row := range rows {
		cells := strings.Split(row, ",")
		var age float64
		var left int64
		_, err := fmt.Sscan(cells[1], &age)
		must(t, err)
		_, err = fmt.Sscan(cells[3], &left)
		must(t, err)
		v[0].Strings, v[1].Floats = append(v[0].Strings, cells[0]), append(v[1].Floats, age)
		v[2].Strings, v[3].Ints = append(v[2].Strings, cells[2]), append(v[3].Ints, left)
	}
	must(t, errors.Join(w.Write(v, len(rows)), w.Close()))
	return path
}

// What must not matter of the customers' files does not: each change leaves every
// byte of the outputs as it is.
func TestSameCustomersGiveTheSameBytes(t *testing.T) {
	lines, _ := retailer(t, 400, 9000)
	header, rows := membersOf(t, lines)
	base := clubJob(t, lines, split(t, header, rows, 1))
	base.Workers = 1
	want := mustRun(t, base)
	if a := want.Manifest.Attributes; a.WithoutEvents != 1 || a.ByName["age"].Known < 250 || a.ByName["age"].Disagreeing < 20 || a.ByName["left_us"].Disagreeing != 0 {
		t.Errorf("got %+v: the comparison shows too little", a)
	}
	shuffled := slices.Clone(rows)
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	check := func(name string, change func(*config.Job)) {
		t.Run(name, func(t *testing.T) {
			job := clubJob(t, lines, base.Inputs.Customers[0].Path)
			change(&job)
			got := mustRun(t, job)
			same(t, name, got.Folder, want.Folder)
			if a, b := fmt.Sprint(got.Manifest.Attributes.ByName["age"], got.Manifest.Warnings), fmt.Sprint(want.Manifest.Attributes.ByName["age"], want.Manifest.Warnings); a != b {
				t.Errorf("got %s, want %s", a, b)
			}
		})
	}
	check("2 workers", func(j *config.Job) { j.Workers = 2 })
	check("rows shuffled", func(j *config.Job) { j.Inputs.Customers[0].Path = split(t, header, shuffled, 1) })
	check("split in 5", func(j *config.Job) { j.Inputs.Customers[0].Path = split(t, header, shuffled, 5) })
	check("parquet", func(j *config.Job) { j.Inputs.Customers[0].Path = membersParquet(t, rows) })
	check("spilled", func(j *config.Job) { j.Workers, j.Memory = 2, config.Size{Bytes: 4 << 20} })
	check("an entry an attribute", func(j *config.Job) {
		c := j.Inputs.Customers[0]
		first, second := c, c
		first.Numbers, second.Categories = map[string]string{"left_us": "Left"}, nil
		second.Numbers = map[string]string{"age": "Age"}
		j.Inputs.Customers = []config.Customers{second, first}
	})
}

// churnOf returns what a published run knows of churn: its model, and the columns of
// the scores.
func churnOf(t *testing.T, folder string) (model []byte, scores []string) {
	t.Helper()
	model, err := os.ReadFile(filepath.Join(folder, "models", "churn.json"))
	must(t, err)
	path := filepath.Join(folder, "segments.parquet")
	return model, append(cells(t, path, "churn_prob"), cells(t, path, "churn_reasons")...)
}

// An attribute that gives the answer away changes nothing of churn, while the tree,
// which tells today's groups apart, takes it.
func TestChurnNeverSeesAttributes(t *testing.T) {
	lines, _ := retailer(t, 1500, 40_000)
	header, rows := membersOf(t, lines)
	job := synthJob(t, lines)
	job.Steps = stepsOf("rfm", "classify", "churn")
	edit(t, &job, "classify", func(s *classify.Settings) { s.Features = []string{"frequency"} })
	without := mustRun(t, job)
	job = withMembers(t, job, split(t, header, rows, 1), "left_us: Left, age: Age", "city: City")
	job.Output = t.TempDir()
	edit(t, &job, "classify", func(s *classify.Settings) { s.Features = nil })
	with := mustRun(t, job)
	if state := with.Manifest.Steps["churn"]["state"]; state != "ok" {
		t.Fatalf("got churn in the state %v, want ok: the comparison shows too little", state)
	}
	model, scores := churnOf(t, with.Folder)
	wantModel, wantScores := churnOf(t, without.Folder)
	if !bytes.Equal(model, wantModel) || !slices.Equal(scores, wantScores) {
		t.Error("got another model or other scores of churn with attributes than without")
	}
	tree, err := os.ReadFile(filepath.Join(with.Folder, "models", "classify.json"))
	must(t, err)
	if !bytes.Contains(tree, []byte(`"left_us"`)) || bytes.Contains(tree, []byte(`"city"`)) {
		t.Error("got a tree without the numbers among its features, or with the texts")
	}
	edit(t, &job, "churn", func(s *churn.Settings) { s.Features = []string{"recency_days", "left_us"} })
	if _, err := Run(context.Background(), job, testEnv()); exit.Of(err) != exit.Usage || !strings.Contains(err.Error(), `steps.churn.features: features: features[1]: got "left_us"`) {
		t.Errorf("got %v, want the attribute refused", err)
	}
}

func TestModelsTakeAttributesByName(t *testing.T) {
	lines, _ := retailer(t, 400, 9000)
	header, rows := membersOf(t, lines)
	members := split(t, header, rows, 1)
	job := clubJob(t, lines, members)
	job.Steps = keep(job.Steps, "segments", "features")
	fitted := mustRun(t, job)
	if got := cells(t, filepath.Join(fitted.Folder, "profiles.parquet"), "mean_age"); len(got) != 3 || slices.Contains(got, "") {
		t.Errorf("got the mean ages %q, want one of each segment", got)
	}
	models, err := modelfile.Read(context.Background(), fitted.Folder)
	must(t, err)
	score := func(job config.Job) (*Result, error) {
		job.Output = t.TempDir()
		return Score(context.Background(), job, models, testEnv())
	}
	again, err := score(job)
	must(t, err)
	for _, name := range []string{"segment", "segment_name"} {
		got, want := cells(t, filepath.Join(again.Folder, "segments.parquet"), name), cells(t, filepath.Join(fitted.Folder, "segments.parquet"), name)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got other scores than those of the run that fitted the model", name)
		}
	}
	const lacks = "the models need the features [age], which the columns of this job do not give; map the same columns, and name the same attributes"
	for _, other := range []config.Job{
		synthJob(t, lines),
		withMembers(t, synthJob(t, lines), members, "", "age: Age"), // a text now
	} {
		if _, err := score(other); exit.Of(err) != exit.Usage || !strings.Contains(err.Error(), lacks) {
			t.Errorf("got %v, want %q", err, lacks)
		}
	}
	edit(t, &job, "segments", func(s *segments.Settings) { s.Features = []string{"frequency", "city"} })
	if _, err := Run(context.Background(), job, testEnv()); exit.Of(err) != exit.Usage || !strings.Contains(err.Error(), "got city, which is a name, want features that are numbers") {
		t.Errorf("got %v, want the text refused", err)
	}

	// Nobody is found: the attribute tells nothing, and says so.
	edit(t, &job, "segments", func(s *segments.Settings) { s.Features = []string{"frequency", "monetary", "age"} })
	job.Inputs.Customers[0].Path = writeFile(t, t.TempDir(), "members.csv", header+"\nX,1,York,0\n")
	var codes []string
	for _, w := range mustRun(t, job).Manifest.Warnings {
		codes = append(codes, w.Code)
	}
	if !slices.Contains(codes, "attributes_unmatched") || !slices.Contains(codes, "segments.constant_feature") {
		t.Errorf("got the warnings %q", codes)
	}
}
