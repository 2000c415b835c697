package export

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/pipeline/export/importcheck"
)

// person is a customer of these tests, with identifiers.
type person struct {
	email, phone, segment, consent string
	days                           int32
	money                          float64
}

var people = []table.Column{
	{Name: "customer", Type: table.Text},
	{Name: "email", Type: table.Text, Nullable: true},
	{Name: "phone", Type: table.Text, Nullable: true},
	{Name: "rfm_segment", Type: table.Text, Nullable: true, Dictionary: true},
	{Name: "recency_days", Type: table.Int32, Unit: "days"},
	{Name: "monetary", Type: table.Float64},
	{Name: "consent", Type: table.Text, Nullable: true, Dictionary: true},
}

// day writes one day's people for a target; before is the folder of the day before.
func day(t *testing.T, target Target, now map[string]person, before string, o Options) (folder string, w *Writer) {
	t.Helper()
	folder = t.TempDir()
	base := target.Base(false)
	if before != "" {
		o.Before = filepath.Join(before, base)
	}
	o.Workers = 2
	w, err := New(folder, target, people, base, o)
	if err != nil {
		t.Fatal(err)
	}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(now)), 5000) {
		v := make([]table.Values, len(people))
		for _, k := range []int{1, 2, 3, 6} {
			v[k].Valid = datasets.NewBitmap(len(ids))
		}
		for i, id := range ids {
			p := now[id]
			v[0].Texts.Append([]byte(id))
			for k, text := range map[int]string{1: p.email, 2: p.phone, 3: p.segment, 6: p.consent} {
				if v[k].Strings == nil {
					v[k].Strings = make([]string, len(ids))
				}
				if v[k].Strings[i] = text; text != "" {
					v[k].Valid.Set(i)
				}
			}
			v[4].Int32s, v[5].Floats = append(v[4].Int32s, p.days), append(v[5].Floats, p.money)
		}
		if err := w.Write(context.Background(), v, len(ids)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	return folder, w
}

// targets has a target for each profile.
func targets() []Target {
	scores := func(segment, days, money string) []Field {
		return []Field{{"rfm_segment", segment}, {"recency_days", days}, {"monetary", money}}
	}
	return []Target{
		{Profile: Lookup("generic"), Fields: scores("", "", "")},
		{Profile: Lookup("salesforce"), Object: "Contact", Key: Field{Header: "External_Id__c"}, Fields: scores("RFM_Segment__c", "Days__c", "Money__c")},
		{Profile: Lookup("hubspot"), Key: Field{Column: "email"}, Fields: scores("rfm_segment", "days", "money")},
		{Profile: Lookup("braze"), Fields: scores("rfm_segment", "days", "money")},
		{Profile: Lookup("klaviyo"), Key: Field{Column: "phone", Header: "Phone Number"}, Fields: scores("Segment", "Days", "Money")},
		{Profile: Lookup("google_customer_match"), Key: Field{Column: "email"}, Fields: []Field{{"phone", "Phone"}}},
		{Profile: Lookup("meta_audience"), Key: Field{Column: "email"}, Fields: []Field{{"phone", "phone"}, {"monetary", "value"}}},
		{Profile: Lookup("x_audience"), Key: Field{Column: "email"}},
		{Profile: Lookup("tiktok_audience"), Key: Field{Column: "email", Header: "Email_SHA256"}, Fields: []Field{{"phone", "Phone_SHA256"}}},
	}
}

func crowd(rng *rand.Rand, n int) map[string]person {
	all := map[string]person{}
	for i := range n {
		p := person{
			email: fmt.Sprintf("P.%d@Gmail.com", i), phone: fmt.Sprintf("+49 30 %07d", i), days: rng.Int32N(300), money: float64(rng.IntN(90000)) / 100,
			segment: []string{"champions", "=at risk", "lost, \"x\"", ""}[rng.IntN(4)], consent: []string{"yes", "no", ""}[rng.IntN(3)],
		}
		switch rng.IntN(20) {
		case 0:
			p.email = ""
		case 1:
			p.phone = "none"
		}
		all[fmt.Sprintf("+49%05d", i)] = p
	}
	return all
}

// TestEveryFilePassesTheCheckOfItsSystem writes three days for every profile, in parts, and reads
// them by rules that the writer does not know.
func TestEveryFilePassesTheCheckOfItsSystem(t *testing.T) {
	const seed = 5
	for _, target := range targets() {
		small := *target.Profile
		if !small.Ops {
			small.MaxRows, small.MaxBytes = 400, 12_000
		}
		target.Profile = &small
		rng := rand.New(rand.NewPCG(seed, 0))
		now, before := crowd(rng, 2000), ""
		for range 3 {
			folder, w := day(t, target, now, before, Options{Full: true, AsOf: "2024-03-03"})
			reports, err := importcheck.CheckFolder(folder)
			if err != nil || len(reports) < 2 {
				t.Fatalf("%s: got %d reports, %v", small.Name, len(reports), err)
			}
			for _, r := range reports {
				for _, f := range r.Faults {
					t.Errorf("%s, %s: %s", small.Name, filepath.Base(r.Path), f)
				}
				if !small.Ops && (r.Rows > 400 || r.Bytes > 12_000) {
					t.Errorf("%s: got %d rows, %d bytes in a part", small.Name, r.Rows, r.Bytes)
				}
			}
			c := w.Counts()
			if c.Customers != int64(len(now)) || c.Written+c.WithoutKey+c.SameKey != c.Customers || c.Inserted+c.Updated+c.Unchanged != c.Written {
				t.Errorf("%s: got %+v for %d customers", small.Name, c, len(now))
			}
			before = folder
			for id, p := range now { // the next day
				switch p.days++; rng.IntN(20) {
				case 0:
					delete(now, id)
					continue
				case 1:
					p.segment = "new"
				case 2:
					p.email = "other." + strings.TrimPrefix(id, "+") + "@example.com"
				}
				now[id] = p
			}
		}
	}
}

// rowsOf returns the rows of all parts of a folder.
func rowsOf(t *testing.T, folder string, w *Writer, kind string) (rows [][]string) {
	t.Helper()
	for _, f := range w.Files() {
		if strings.HasPrefix(f.Path, kind) && strings.HasSuffix(f.Path, ".csv") {
			_, part := cells(t, folder, f.Path)
			rows = append(rows, part...)
		}
	}
	return rows
}

func TestADayMoreSinceTheLastPurchaseIsNoChange(t *testing.T) {
	for _, target := range targets() {
		if target.Profile.Audience {
			continue
		}
		now, before := crowd(rand.New(rand.NewPCG(6, 0)), 500), ""
		for d := range 5 {
			folder, w := day(t, target, now, before, Options{AsOf: "2024-03-03"})
			if c := w.Counts(); d > 0 && (c.Updated != 1 || c.Inserted+c.Removed != 0) {
				t.Errorf("%s, day %d: got %+v, want one update", target.Profile.Name, d, c)
			}
			before = folder
			for id, p := range now {
				p.days++
				now[id] = p
			}
			p := now["+4900007"]
			p.segment = fmt.Sprint("moved ", d)
			now["+4900007"] = p
		}
	}
}

// TestBrazeGetsWhatHasChangedSinceItWasTold has a field that changes on a day without an
// update, and is sent with the next one.
func TestBrazeGetsWhatHasChangedSinceItWasTold(t *testing.T) {
	target := Target{Profile: Lookup("braze"), Fields: []Field{{Column: "rfm_segment"}, {Column: "recency_days"}, {Column: "monetary"}}}
	p := person{segment: "a", days: 1, money: 5}
	one, _ := day(t, target, map[string]person{"x": p}, "", Options{})
	p.money = 6
	two, w := day(t, target, map[string]person{"x": p}, one, Options{})
	if rows := rowsOf(t, two, w, "delta"); len(rows) != 0 {
		t.Errorf("got %q, want nothing: money makes no update", rows)
	}
	p.segment = "b"
	three, w := day(t, target, map[string]person{"x": p}, two, Options{})
	if got, want := rowsOf(t, three, w, "delta"), [][]string{{"x", "b", "", "6.000000"}}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	p.segment = ""
	_, w = day(t, target, map[string]person{"x": p}, three, Options{})
	if c := w.Counts(); c.NotCleared != 1 {
		t.Errorf("got %d fields that could not be cleared, want 1", c.NotCleared)
	}
}

func TestWhoLeavesIsToldAsTheSystemWantsIt(t *testing.T) {
	want := map[string]string{
		"generic":               "[[delete a    ]]",
		"salesforce":            "[[a #N/A #N/A #N/A]]",
		"hubspot":               "[[a@b.de]]",
		"braze":                 "[[a]]",
		"klaviyo":               "[[+49301234567]]",
		"google_customer_match": "[[" + hashOf("a@b.de") + " " + hashOf("+49301234567") + "]]",
		"meta_audience":         "[[" + hashOf("a@b.de") + " " + hashOf("49301234567") + " 5.000000]]",
		"x_audience":            "[[" + hashOf("a@b.de") + "]]",
		"tiktok_audience":       "[[" + hashOf("a@b.de") + " " + hashOf("+49301234567") + "]]",
	}
	p := person{email: "a@b.de", phone: "+49 30 1234567", segment: "x", money: 5, consent: "yes"}
	for _, target := range targets() {
		one, _ := day(t, target, map[string]person{"a": p}, "", Options{Full: true})
		kind := "remove"
		if target.Profile.Ops {
			kind = "delta"
		}
		gone := map[string]func(*Target, map[string]person){
			"absent":     func(_ *Target, now map[string]person) { delete(now, "a") },
			"suppressed": func(t *Target, _ map[string]person) { t.Suppressed = func(id []byte) bool { return string(id) == "a" } },
			"no consent": func(t *Target, _ map[string]person) { t.Consent = &Gate{"consent", []string{"agreed"}} },
		}
		for name, change := range gone {
			now, changed := map[string]person{"a": p}, target
			change(&changed, now)
			two, w := day(t, changed, now, one, Options{Full: true})
			if got := fmt.Sprint(rowsOf(t, two, w, kind)); got != want[target.Profile.Name] {
				t.Errorf("%s, %s: got %s, want %s", target.Profile.Name, name, got, want[target.Profile.Name])
			}
			if c := w.Counts(); c.Removed != 1 || c.Written != 0 {
				t.Errorf("%s, %s: got %+v", target.Profile.Name, name, c)
			}
		}
	}
}

func hashOf(text string) string {
	r := Rule{Form: Words, Hash: true}
	return string(r.apply(nil, []byte(text), ""))
}

func TestAKeyGoesToOneCustomer(t *testing.T) {
	target := Target{Profile: Lookup("klaviyo"), Key: Field{Column: "email"}, Fields: []Field{{Column: "rfm_segment"}}, Missing: "none"}
	folder, w := day(t, target, map[string]person{
		"1": {email: "A@b.de", segment: "x"}, "2": {email: "a@b.de", segment: "y"}, "3": {email: "nobody"}, "4": {email: "c@d.fr"},
	}, "", Options{Full: true})
	if got := fmt.Sprint(rowsOf(t, folder, w, "full")); got != "[[a@b.de x] [c@d.fr none]]" {
		t.Errorf("got %s", got)
	}
	if c := w.Counts(); c.SameKey != 1 || c.WithoutKey != 1 || c.Unusable != 1 || c.Written != 2 {
		t.Errorf("got %+v", c)
	}
}

func TestAPreviewShowsNoIdentifier(t *testing.T) {
	target := Target{Profile: Lookup("hubspot"), Key: Field{Column: "email"}, Fields: []Field{{"phone", "phone"}, {"rfm_segment", "segment"}}}
	v := make([]table.Values, len(people))
	for range 12 {
		v[0].Texts.Append([]byte("secret"))
		v[1].Strings = append(v[1].Strings, "secret@example.com")
		v[2].Strings = append(v[2].Strings, "+49 30 7654321")
		v[3].Strings = append(v[3].Strings, "champions")
	}
	header, rows, err := Preview(target, people, v, 12)
	if err != nil || len(rows) != 10 || fmt.Sprint(header) != "[email phone segment]" {
		t.Fatal(header, len(rows), err)
	}
	text := fmt.Sprint(rows)
	if strings.Contains(text, "secret") || strings.Contains(text, "7654321") || !strings.Contains(text, "champions") {
		t.Errorf("got %s", text)
	}
}

func TestATargetThatTheSystemWouldRefuseIsRefused(t *testing.T) {
	f := func(target Target, want string) {
		t.Helper()
		if err := Check(target, people); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f(Target{Profile: Lookup("salesforce")}, "object")
	f(Target{Profile: Lookup("braze"), Key: Field{Header: "id"}}, "external_id")
	f(Target{Profile: Lookup("google_customer_match"), Fields: []Field{{"rfm_segment", "Segment"}}}, "want one of Email")
	f(Target{Profile: Lookup("generic"), Fields: []Field{{"monetary", "Customer"}}}, "twice")
	f(Target{Profile: Lookup("generic"), Fields: []Field{{"monetary", " m"}}}, "blanks")
	f(Target{Profile: Lookup("generic"), Fields: []Field{{"money", ""}}}, `"money", want one of customer`)
	f(Target{Profile: Lookup("generic"), ChangedBy: []string{"monetary"}}, "changed_by")
}

// BenchmarkWrite is a full file and a delta of customers who are known.
func BenchmarkWrite(b *testing.B) {
	rows := make([]Row, 1<<16)
	for i := range rows {
		rows[i] = randomRow(rand.New(rand.NewPCG(uint64(i), 0)))
		rows[i].Customer = fmt.Appendf(nil, "%08d", i)
	}
	values := valuesOf(rows)
	for _, target := range []Target{{Profile: Lookup("generic"), Fields: allFields()}, {Profile: Lookup("braze"), Fields: allFields()}} {
		b.Run("profile="+target.Profile.Name, func(b *testing.B) {
			base, before := target.Base(true), ""
			for b.Loop() {
				folder := b.TempDir()
				w, err := New(folder, target, scores, base, Options{Full: true, Workers: 2, Before: before})
				if err != nil {
					b.Fatal(err)
				}
				if err := w.Write(context.Background(), values, len(rows)); err != nil {
					b.Fatal(err)
				}
				if err := w.Close(context.Background()); err != nil {
					b.Fatal(err)
				}
				before = filepath.Join(folder, base)
			}
			b.ReportMetric(float64(len(rows))*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
