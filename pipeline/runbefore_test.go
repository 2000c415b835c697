package pipeline

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/synth"
	"github.com/quintile-dev/quintile/pipeline/before"
	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
)

// dailyJob is a retailer of two years whose results are looked at day by day.
func dailyJob(t *testing.T, steps string) config.Job {
	t.Helper()
	c := synth.Default()
	c.Customers, c.Lines, c.Columns = 900, 16_000, synth.Full
	r, err := synth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.WriteCSV(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return parse(t, fmt.Sprintf(`
job: daily
inputs:
  transactions:
    - path: %s
      columns: {customer: customer_id, time: time, order: order_id, product: product, quantity: quantity, unit_price: unit_price}
steps: %s
`, writeFile(t, t.TempDir(), "lines.csv", b.String()), steps))
}

const lastingSteps = "{rfm: {}, segments: {k: auto, max_k: 6, restarts: 8}, lifecycle: {}, portfolio: {}, loyalty: {}, migration: {}}"

// column returns a column of segments.parquet as texts, "" for null.
func column(t *testing.T, folder, name string) []string {
	t.Helper()
	r, err := parquetio.Open(filepath.Join(folder, "segments.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { must(t, r.Close()) }()
	at := slices.IndexFunc(r.Fields(), func(f datasets.Field) bool { return f.Name == name })
	must(t, r.Select([]int{at}))
	var out []string
	var frame datasets.Frame
	for {
		part, err := r.Next(context.Background())
		if err != nil {
			return out // at the end
		}
		must(t, part.Each(&frame, func() error {
			c := &frame.Columns[0]
			for i := range frame.Rows {
				switch {
				case c.Valid != nil && !c.Valid.Get(i):
					out = append(out, "")
				case c.Codes != nil:
					out = append(out, string(c.Dict.At(int(c.Codes[i]))))
				case c.Ints != nil:
					out = append(out, fmt.Sprint(c.Ints[i]))
				case c.Floats != nil:
					out = append(out, fmt.Sprint(c.Floats[i]))
				default:
					out = append(out, string(c.Texts.At(i)))
				}
			}
			return nil
		}))
	}
}

// rows returns columns of segments.parquet by customer.
func rows(t *testing.T, folder string, names ...string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	ids := column(t, folder, "customer")
	for _, name := range names {
		for i, v := range column(t, folder, name) {
			out[ids[i]] = append(out[ids[i]], v)
		}
	}
	return out
}

func warned(m *manifest.Manifest, code string) bool {
	for _, w := range m.Warnings {
		if w.Code == code {
			return true
		}
	}
	return false
}

// Audiences last: of the customers who did nothing since the day before, 95 % and more stay in their group, by number
// and by name; the limits of the scores are those of the first day of the quarter; and the next day names the day before.
func TestFiveDailyRunsKeepTheirAudiences(t *testing.T) {
	job := dailyJob(t, lastingSteps)
	var last *Result
	lastDay := datasets.Day(0)
	for day := datasets.DayOf(2025, 4, 28); day < datasets.DayOf(2025, 5, 3); day++ {
		r := mustRun(t, on(t, job, day.String()))
		steps := r.Manifest.Steps
		if last == nil {
			if steps["migration"]["state"] != "no_reference" || steps["segments"]["source"] != "anew" {
				t.Errorf("the first day: got %v and %v", steps["migration"]["state"], steps["segments"]["source"])
			}
			last, lastDay = r, day
			continue
		}
		if steps["rfm"]["limits_of"] != "2025-04-28" || steps["segments"]["source"] != "continued" || steps["segments"]["k"] != last.Manifest.Steps["segments"]["k"] {
			t.Errorf("%s: got limits of %v, %v groups, %v", day, steps["rfm"]["limits_of"], steps["segments"]["k"], steps["segments"]["source"])
		}
		then := rows(t, last.Folder, "frequency", "segment", "segment_name", "rfm_segment")
		now := rows(t, r.Folder, "frequency", "segment", "segment_name", "rfm_segment", "segment_before", "rfm_segment_before", "segment_since", "rfm_segment_since")
		still, kept := 0, 0
		for id, a := range then {
			b := now[id]
			if b[4] != a[1] || b[5] != a[3] {
				t.Fatalf("%s: got the groups %v of the day before, want %v", day, b[4:6], a)
			}
			if since := fmt.Sprint(int(day)); b[3] != a[3] && b[7] != since || b[3] == a[3] && b[7] == since {
				t.Fatalf("%s: %s on the day before and %s now: got it since %s", day, a[3], b[3], b[7])
			}
			if a[0] != b[0] {
				continue
			}
			still++
			if a[1] == b[1] && a[2] == b[2] {
				kept++
			}
		}
		if still < 500 || float64(kept) < 0.95*float64(still) {
			t.Errorf("%s: got %d of %d customers who did nothing in their group", day, kept, still)
		}
		m := steps["migration"]
		if m["state"] != "ok" || m["against"] != lastDay.String() || m["stayed_share"].(map[string]any)["segment"].(float64) < 0.95 {
			t.Errorf("%s: got %v", day, m)
		}
		for grouping, limits := range m["limits"].(map[string]string) {
			if limits != "reference" {
				t.Errorf("%s: %s: got it compared by %s limits", day, grouping, limits)
			}
		}
		var read []string
		for _, in := range r.Manifest.Inputs {
			if in.Table == before.Table {
				read = append(read, in.Path)
				if len(in.SHA256) != 64 {
					t.Errorf("%s: got the checksum %q", in.Path, in.SHA256)
				}
			}
		}
		want := "as_of=" + lastDay.String()
		if len(read) != 7 || !slices.Contains(read, want+"/models/segments.json") || !slices.Contains(read, want+"/models/reference.json") ||
			!slices.Contains(read, want+"/segments.parquet") {
			t.Errorf("%s: got the files %v of the run before", day, read)
		}
		last, lastDay = r, day
	}
}

func TestARegimeChangeIsReported(t *testing.T) {
	job := dailyJob(t, lastingSteps)
	mustRun(t, on(t, job, "2025-04-28"))
	path := job.Inputs.Transactions[0].Path
	text, err := os.ReadFile(path)
	must(t, err)
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	at := slices.Index(strings.Split(lines[0], ","), "unit_price")
	for i := range lines[1:] {
		cells := strings.Split(lines[i+1], ",")
		price, err := strconv.ParseFloat(cells[at], 64)
		must(t, err)
		cells[at] = strconv.FormatFloat(150*price, 'f', 2, 64) // in pence, as it were
		lines[i+1] = strings.Join(cells, ",")
	}
	must(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	r := mustRun(t, on(t, job, "2025-04-29"))
	for _, code := range []string{"segments.refitted", "migration.drift"} {
		if !warned(r.Manifest, code) {
			t.Errorf("got the warnings %v, want %s", r.Manifest.Warnings, code)
		}
	}
	if drifted := fmt.Sprint(r.Manifest.Steps["migration"]["drifted"]); !strings.Contains(drifted, "monetary") {
		t.Errorf("got %s as the features that drifted", drifted)
	}
	barred := parse(t, strings.Replace(jobText(t, job), "migration: {}", "migration: {max_psi: 0.25}", 1))
	barred.Output = job.Output
	if _, err := Run(context.Background(), on(t, barred, "2025-04-29"), testEnv()); exit.Of(err) != exit.BadModel || !strings.Contains(err.Error(), "max_psi") {
		t.Errorf("got %v, want the publication to be stopped with code %d", err, exit.BadModel)
	}
}

// jobText writes dailyJob once more.
func jobText(t *testing.T, job config.Job) string {
	t.Helper()
	return fmt.Sprintf(`
job: daily
inputs:
  transactions:
    - path: %s
      columns: {customer: customer_id, time: time, order: order_id, product: product, quantity: quantity, unit_price: unit_price}
steps: %s
`, job.Inputs.Transactions[0].Path, lastingSteps)
}

// The run before is an input: the same one gives the same bytes, another one is a reason to run, and a damaged one ends the run.
func TestTheRunBeforeIsAnInput(t *testing.T) {
	job := dailyJob(t, "{rfm: {}, segments: {k: 4, restarts: 4}, migration: {}}")
	first := mustRun(t, on(t, job, "2025-05-01"))
	today := on(t, job, "2025-05-02")
	want := digests(t, mustRun(t, today).Folder)
	skips(t, "the same run before", today)
	again := mustRun(t, today)
	delete(want, manifest.Name)
	for name, sum := range digests(t, again.Folder) {
		if name != manifest.Name && want[name] != sum {
			t.Errorf("%s: got other bytes with the same run before", name)
		}
	}
	env := testEnv()
	env.FromScratch = true
	scratch, err := Run(context.Background(), today, env)
	must(t, err)
	if scratch.Manifest.RunID == again.Manifest.RunID || scratch.Manifest.Steps["segments"]["source"] != "anew" || scratch.Manifest.Steps["rfm"]["limits_of"] != "2025-05-02" {
		t.Errorf("from scratch: got %v and limits of %v", scratch.Manifest.Steps["segments"]["source"], scratch.Manifest.Steps["rfm"]["limits_of"])
	}
	runs(t, "published from scratch", today, "goes on from has changed")
	// A run of a day in between comes before it from now on.
	mustRun(t, on(t, job, "2025-05-03"))
	mustRun(t, on(t, job, "2025-04-30"))
	skips(t, "a new run before the one before", on(t, job, "2025-05-03"))

	for _, name := range []string{"models/rfm.json", "models/segments.json", "models/reference.json", "segments.parquet"} {
		path := filepath.Join(first.Folder, filepath.FromSlash(name))
		whole, err := os.ReadFile(path)
		must(t, err)
		bad := slices.Clone(whole)
		bad[len(bad)/2] ^= 1
		must(t, os.WriteFile(path, bad, 0o600))
		if _, err := Run(context.Background(), today, testEnv()); exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "--from-scratch") {
			t.Errorf("%s: got %v, want code %d, the file and the way out", name, err, exit.BadInput)
		}
		if _, err := Run(context.Background(), today, env); err != nil {
			t.Errorf("%s, from scratch: %v", name, err)
		}
		must(t, os.WriteFile(path, whole, 0o600))
	}
	// A folder without the mark of success was never published.
	must(t, os.Remove(filepath.Join(first.Folder, manifest.Success)))
	if r := mustRun(t, today); r.Manifest.Steps["migration"]["against"] != "2025-04-30" {
		t.Errorf("got it compared with %v, want the newest day that is whole", r.Manifest.Steps["migration"]["against"])
	}
}

// A customer who is erased after a run comes back neither from the lists of the run nor from its customers, and is none who has gone.
func TestErasedCustomersDoNotComeBackFromTheRunBefore(t *testing.T) {
	job := dailyJob(t, "{rfm: {}, segments: {k: 4, restarts: 4}, campaign: {plan: {name: spring, in_days: 9}}, migration: {}}")
	first := mustRun(t, on(t, job, "2025-05-01"))
	ids := column(t, first.Folder, "customer")
	erased := ids[10:13]
	job.Privacy.Erase = writeFile(t, t.TempDir(), "list.txt", strings.Join(erased, "\n"))
	second := mustRun(t, on(t, job, "2025-05-02"))
	for _, id := range erased {
		if got := filesWith(t, first.Folder, id); !slices.Contains(got, "targets.parquet") {
			t.Fatalf("got %s in %v of the run before, want the list of the campaign among them", id, got)
		}
		for _, name := range filesWith(t, second.Folder, id) {
			if name != "crm/generic/delta.csv" { // which tells the system to delete
				t.Errorf("got %s in %s", id, name)
			}
		}
	}
	m := second.Manifest.Steps["migration"]["customers"].(map[string]int64)
	if m["reference"] != int64(len(ids)-len(erased)) || m["gone"] != 0 || m["both"] != m["reference"] {
		t.Errorf("got %v of %d customers before, want all but the %d erased, and none gone", m, len(ids), len(erased))
	}
}

func TestScoresAreComparedWithTheRunBefore(t *testing.T) {
	job := dailyJob(t, lastingSteps)
	first := mustRun(t, on(t, job, "2025-05-01"))
	models, err := modelfile.Read(context.Background(), first.Folder)
	must(t, err)
	scored, err := Score(context.Background(), on(t, job, "2025-05-04"), models, testEnv())
	must(t, err)
	m := scored.Manifest.Steps["migration"]
	if m["state"] != "ok" || m["against"] != "2025-05-01" {
		t.Errorf("got %v", m)
	}
	for grouping, share := range m["stayed_share"].(map[string]any) {
		if share.(float64) < 0.9 {
			t.Errorf("%s: got %v stayed in three days", grouping, share)
		}
	}
	// And a run goes on from scores.
	next := mustRun(t, on(t, job, "2025-05-05"))
	if steps := next.Manifest.Steps; steps["migration"]["against"] != "2025-05-04" || steps["segments"]["source"] != "continued" || steps["rfm"]["limits_of"] != "2025-05-01" {
		t.Errorf("got %v, %v and limits of %v", steps["migration"]["against"], steps["segments"]["source"], steps["rfm"]["limits_of"])
	}
}

func TestTheRunBeforeIsFoundInABucket(t *testing.T) {
	s := s3fake.Start(t)
	t.Setenv("TMPDIR", t.TempDir())
	job := dailyJob(t, "{rfm: {}, segments: {k: 4, restarts: 4}, migration: {}}")
	local := job.Output
	for _, day := range []string{"2025-04-30", "2025-05-01"} {
		mustRun(t, on(t, job, day))
	}
	want := localFiles(t, filepath.Join(local, "daily", "as_of=2025-05-01"))
	job.Output = "s3://bucket/out"
	for _, day := range []string{"2025-04-30", "2025-05-01"} {
		mustRun(t, on(t, job, day))
	}
	got := map[string]string{}
	for key, text := range s.Objects() {
		if name, in := strings.CutPrefix(key, "out/daily/as_of=2025-05-01/"); in {
			got[name] = text
		}
	}
	for name, text := range want {
		if name != manifest.Name && got[name] != text {
			t.Errorf("%s: got other bytes in a bucket than in a folder", name)
		}
	}
	skips(t, "in a bucket", on(t, job, "2025-05-01"))
	s.Set("out/daily/as_of=2025-04-30/models/rfm.json", "{}")
	if _, err := Run(context.Background(), on(t, job, "2025-05-01"), testEnv()); exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), "models/rfm.json") {
		t.Errorf("got %v, want the damaged file named", err)
	}
}
