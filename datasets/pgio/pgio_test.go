package pgio

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/arrowio"
	"github.com/quintile-dev/quintile/datasets/pgio/pgtest"
)

// fetch reads a query and returns its rows as texts, a null as "∅".
func fetch(t *testing.T, q Query, seen ...string) (Fetched, []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fetched")
	got, err := q.Fetch(context.Background(), path, seen, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Rows == 0 && q.Since != "" {
		return got, nil
	}
	r, err := arrowio.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all := make([]int, len(r.Fields()))
	for i := range all {
		all[i] = i
	}
	if err := r.Select(all); err != nil {
		t.Fatal(err)
	}
	var rows []string
	var frame datasets.Frame
	for {
		p, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return got, rows
		}
		if err != nil {
			t.Fatal(err)
		}
		err = p.Each(&frame, func() error {
			for i := range frame.Rows {
				var cells []string
				for k := range frame.Columns {
					cell := "∅"
					if c := &frame.Columns[k]; c.Valid.Get(i) {
						cell = string(c.AppendText(nil, i))
					}
					cells = append(cells, cell)
				}
				rows = append(rows, strings.Join(cells, "|"))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTypesOfARealServer(t *testing.T) {
	s := pgtest.Start(t)
	s.Exec(t, `CREATE TABLE kinds (b boolean, i2 smallint, i4 int, i8 bigint, f4 real, f8 double precision, n numeric(12,2), free numeric, id numeric(20,0),
		d date, t timestamp, tz timestamptz, s text, v varchar(9), c char(3), u uuid, j jsonb, a int[], "Odd ""name" text);
		INSERT INTO kinds VALUES (true, -1, 2, 9007199254740993, 0.5, 1e-3, 1234567.89, -0.0000005, 12345678901234567890,
		'2024-02-29', '2024-01-31 10:00:00.25', '2024-01-31 10:00:00+02', 'Köln', 'x', 'ab', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}', '{1,2}', 'o'),
		(NULL, NULL, NULL, NULL, NULL, NULL, 'NaN', 1e11, NULL, 'infinity', '-infinity', NULL, '', NULL, NULL, NULL, NULL, NULL, NULL)`)
	_, rows := fetch(t, Query{URL: s.URL, Table: "public.kinds"})
	want := "true|-1|2|9007199254740993|0.5|0.001|1234567.89|-0.000001|12345678901234567890|2024-02-29|2024-01-31T10:00:00.25|2024-01-31T08:00:00|Köln|x|ab|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|{\"a\": 1}|{1,2}|o"
	if len(rows) != 2 || rows[0] != want {
		t.Errorf("got %q, want %q", rows, want)
	}
	if !strings.HasPrefix(rows[1], "∅|∅|∅|∅|∅|∅|∅|100000000000|∅|") {
		t.Errorf("got %q", rows[1])
	}
	_, rows = fetch(t, Query{URL: s.URL, SQL: "SELECT i4, s FROM kinds WHERE i4 = 2;"})
	if len(rows) != 1 || rows[0] != "2|Köln" {
		t.Errorf("a query: got %q", rows)
	}
}

func TestRowsOfManyBatchesComeWhole(t *testing.T) {
	s := pgtest.Start(t)
	s.Exec(t, "CREATE TABLE many AS SELECT i, 'customer ' || i AS c, CASE WHEN i % 7 > 0 THEN (i % 100) * 0.25 END AS n FROM generate_series(1, 100000) AS i")
	var told int64
	path := filepath.Join(t.TempDir(), "many")
	got, err := Query{URL: s.URL, Table: "many"}.Fetch(context.Background(), path, nil, func(n int64) { told += n })
	if err != nil || got.Rows != 100_000 || told != got.Rows {
		t.Fatalf("got %+v, %d told, %v", got, told, err)
	}
	_, rows := fetch(t, Query{URL: s.URL, Table: "many"})
	for i, row := range rows {
		n := "∅"
		if (i+1)%7 > 0 {
			n = string(datasets.AppendDecimal(nil, int64((i+1)%100*25), 2))
		}
		if want := fmt.Sprintf("%d|customer %d|%s", i+1, i+1, n); row != want {
			t.Fatalf("row %d: got %s, want %s", i, row, want)
		}
	}
}

func TestSinceReadsWhatIsNew(t *testing.T) {
	s := pgtest.Start(t)
	s.Exec(t, "CREATE TABLE lines (id int, at timestamptz, note text); INSERT INTO lines VALUES (9, '2024-01-01', 'a'), (10, '2024-01-02 12:00:00.5', 'it''s')")
	for _, since := range []string{"id", "at", "note"} {
		q := Query{URL: s.URL, SQL: "SELECT * FROM lines", Since: since}
		first, rows := fetch(t, q)
		if len(rows) != 2 || !strings.Contains(first.Name, "?"+since+"<=") {
			t.Fatalf("%s: got %+v, %q", since, first, rows)
		}
		if none, rows := fetch(t, q, q.Read([]string{first.Name, "other", s.URL + "#lines?id<=99"})...); none.Rows != 0 || len(rows) != 0 {
			t.Errorf("%s: got %+v", since, none)
		}
	}
	q := Query{URL: s.URL, Table: "lines", Since: "id"}
	first, _ := fetch(t, q)
	s.Exec(t, "INSERT INTO lines VALUES (100, '2024-01-03', 'b')")
	second, rows := fetch(t, q, q.Read([]string{first.Name, q.Name() + "?id<=9"})...) // 9 is below 10, though not as a text
	if len(rows) != 1 || !strings.HasPrefix(rows[0], "100|") || !strings.HasSuffix(second.Name, "<=100") {
		t.Errorf("got %+v, %q", second, rows)
	}
}

func TestErrorsOfAServerNameNoPassword(t *testing.T) {
	s := pgtest.Start(t)
	const password = "opensesame"
	for name, c := range map[string]struct {
		q    Query
		want string
	}{
		"no such table":      {Query{URL: s.URL, Table: "missing"}, `"missing" does not exist`},
		"no such column":     {Query{URL: s.URL, SQL: "SELECT 1 AS a", Since: "b"}, `no column "b" (since)`},
		"names twice":        {Query{URL: s.URL, SQL: "SELECT 1 AS a, 2 AS a"}, "several columns"},
		"a write":            {Query{URL: s.URL, SQL: "INSERT INTO x VALUES (1) RETURNING 1"}, "syntax error"},
		"too large a number": {Query{URL: s.URL, SQL: "SELECT 1e30::numeric AS n"}, `column "n": got a number that has more than 18 digits; cast it`},
		"a wrong password":   {Query{URL: strings.Replace(s.URL, "postgres@", "nobody@", 1), Password: password, Table: "x"}, "nobody"},
		"no server":          {Query{URL: "postgres://u@127.0.0.1:1/x", Password: password, Table: "x"}, "postgres://u@127.0.0.1:1/x#x"},
		"odd address":        {Query{URL: "postgres://u@127.0.0.1:99999999/x", Password: password, Table: "x"}, "postgres://"},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		_, err := c.q.Fetch(ctx, filepath.Join(t.TempDir(), "f"), nil, nil)
		cancel()
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), password) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestPasswordsAreTakenOutOfURLs(t *testing.T) {
	for url, want := range map[string][2]string{
		"postgres://u:p%40ss@h:5432/db?sslmode=require": {"postgres://u@h:5432/db?sslmode=require", "p@ss"},
		"postgresql://u@h/db":                           {"postgresql://u@h/db", ""},
		"postgres:///db?host=/tmp&password=x":           {"postgres:///db?host=%2Ftmp", "x"},
		"postgres://u:${PW}@h/db":                       {"postgres://u@h/db", "${PW}"},
	} {
		without, password, err := SplitPassword(url)
		if err != nil || without != want[0] || password != want[1] {
			t.Errorf("%s: got %q, %q, %v", url, without, password, err)
		}
	}
	for _, url := range []string{"postgres://u:secret@h:x/db", "postgres://", "postgres://u:sec/ret@h/db"} {
		if _, _, err := SplitPassword(url); err == nil || strings.Contains(err.Error(), "sec") {
			t.Errorf("%q: got %v", url, err)
		}
	}
}

// numericBytes writes a number as the server sends it.
func numericBytes(unscaled *big.Int, scale int) []byte {
	digits := new(big.Int).Abs(unscaled).String()
	for len(digits) <= scale {
		digits = "0" + digits
	}
	whole, fraction := digits[:len(digits)-scale], digits[len(digits)-scale:]
	for len(whole)%4 != 0 {
		whole = "0" + whole
	}
	for len(fraction)%4 != 0 {
		fraction += "0"
	}
	all, weight := whole+fraction, len(whole)/4-1
	for strings.HasPrefix(all, "0000") {
		all, weight = all[4:], weight-1
	}
	for strings.HasSuffix(all, "0000") {
		all = all[:len(all)-4]
	}
	b := binary.BigEndian.AppendUint16(nil, uint16(len(all)/4))
	b = binary.BigEndian.AppendUint16(b, uint16(int16(weight)))
	sign := uint16(0)
	if unscaled.Sign() < 0 {
		sign = 0x4000
	}
	b = binary.BigEndian.AppendUint16(b, sign)
	b = binary.BigEndian.AppendUint16(b, uint16(scale))
	for ; all != ""; all = all[4:] {
		var group uint16
		_, _ = fmt.Sscan(strings.TrimLeft(all[:3], "0")+all[3:4], &group)
		b = binary.BigEndian.AppendUint16(b, group)
	}
	return b
}

func TestNumericsAreRoundedHalfAwayFromZero(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	for range 20_000 {
		v, from, to := big.NewInt(rng.Int64N(1<<62)>>rng.IntN(62)), rng.IntN(14), rng.IntN(8)
		if rng.IntN(2) == 0 {
			v.Neg(v)
		}
		ten := big.NewInt(10)
		want := new(big.Int).Abs(v)
		for k := from; k < to; k++ {
			want.Mul(want, ten)
		}
		if from > to {
			power := new(big.Int).Exp(ten, big.NewInt(int64(from-to)), nil)
			half := new(big.Int).Rsh(power, 1)
			want.Add(want, half).Quo(want, power)
		}
		if v.Sign() < 0 {
			want.Neg(want)
		}
		var c datasets.Column
		err := parseNumeric(&c, numericBytes(v, from), to)
		if !want.IsInt64() || new(big.Int).Abs(want).Cmp(big.NewInt(9_000_000_000_000_000_000)) > 0 {
			continue
		}
		if err != nil || c.Ints[0] != want.Int64() {
			t.Fatalf("%s·10^−%d to %d places: got %v, %v, want %s", v, from, to, c.Ints, err, want)
		}
	}
}

// FuzzTuples takes anything for what a server sends, in two pieces.
func FuzzTuples(f *testing.F) {
	row := append([]byte(nil), signature...)
	row = append(row, make([]byte, 8)...)
	row = append(row, 0, 2, 0, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 1, 'x', 0xff, 0xff)
	f.Add(row, 9)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		rows := 0
		d := newTuples([]column{columnOf("i", oidInt4, -1), columnOf("t", oidText, -1)}, func(f *datasets.Frame) error {
			rows += f.Rows
			if len(f.Columns[0].Ints) != f.Rows || f.Columns[1].Texts.Len() != f.Rows {
				t.Fatal("columns of other lengths")
			}
			return nil
		})
		cut = min(max(cut, 0), len(data))
		_, err := d.Write(data[:cut])
		if err == nil {
			_, err = d.Write(data[cut:])
		}
		if err == nil && d.finish() == nil && int64(rows) != d.rows {
			t.Fatalf("got %d rows, want %d", rows, d.rows)
		}
	})
}
