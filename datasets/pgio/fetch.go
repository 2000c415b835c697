package pgio

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/arrowio"
)

// Fetched describes the rows read.
type Fetched struct {
	Name string // of the input; with Since it ends in the last value
	Rows int64
}

// Fetch reads the rows of a query into an Arrow file at path. With Since, only rows beyond After, and beyond all values
// of seen, are read. Without such rows, no file is written, and Rows is 0.
//
// Determinism: rows come in the order of the server: by ORDER BY, or by the table as long as nobody writes to the
// table.
//
// Errors: *datasets.FileError where the server cannot be reached, the query is wrong, or a value does not fit;
// ctx.Err(). None names a password.
func (q Query) Fetch(ctx context.Context, path string, seen []string, advance func(rows int64)) (got Fetched, err error) {
	conn, err := q.connect(ctx)
	if err != nil {
		return got, err
	}
	defer func() {
		if err == nil || ctx.Err() == nil {
			_ = conn.Close(context.WithoutCancel(ctx)) // nothing hangs on it
		}
	}()
	if _, err := conn.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").ReadAll(); err != nil {
		return got, q.fail("", err, "")
	}
	columns, err := q.describe(ctx, conn)
	if err != nil {
		return got, err
	}
	where, last := "", ""
	if q.Since != "" {
		if where, last, err = q.window(ctx, conn, columns, seen); err != nil || last == "" {
			return Fetched{Name: q.upTo()}, err
		}
	}
	sql := "COPY (SELECT " + selectList(columns) + " FROM " + q.from() + where + ") TO STDOUT (FORMAT binary)"
	rows, err := q.copyTo(ctx, conn, sql, columns, path, advance)
	got = Fetched{Name: q.Name(), Rows: rows}
	if q.Since != "" {
		got.Name = q.upTo() + last
	}
	return got, err
}

// describe returns the columns of the query.
func (q *Query) describe(ctx context.Context, conn *pgconn.PgConn) ([]column, error) {
	d, err := conn.Prepare(ctx, "", "SELECT * FROM "+q.from()+" LIMIT 0", nil)
	if err != nil {
		return nil, q.fail("", err, "check the table or the query")
	}
	if len(d.Fields) == 0 {
		return nil, &datasets.FileError{Path: q.Name(), Got: "no columns", Want: "a table or a query that has some"}
	}
	columns := make([]column, len(d.Fields))
	for i, f := range d.Fields {
		columns[i] = columnOf(f.Name, f.DataTypeOID, f.TypeModifier)
	}
	fields := make([]datasets.Field, len(columns))
	for i := range columns {
		fields[i] = columns[i].field
	}
	datasets.NameRepeated(fields)
	for i, f := range fields {
		if f.Repeated != "" {
			return nil, &datasets.FileError{Path: q.Name(), Got: fmt.Sprintf("several columns with the name %q", f.Repeated), Want: "a name for each", Hint: "name them with AS in the query"}
		}
		columns[i].field = f
	}
	return columns, nil
}

// selectList returns the columns for SELECT: columns of unsupported types become texts.
func selectList(columns []column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = identifier(c.field.Name)
		if c.asText {
			list[i] += "::text"
		}
	}
	return strings.Join(list, ", ")
}

// window returns the condition on the growing column, and its last value; "" without new rows.
func (q *Query) window(ctx context.Context, conn *pgconn.PgConn, columns []column, seen []string) (where, last string, err error) {
	typed := ""
	for _, c := range columns {
		if c.field.Name == q.Since {
			typed = fmt.Sprintf("SELECT format_type(%d, %d)", c.oid, c.modifier)
		}
	}
	if typed == "" {
		return "", "", &datasets.FileError{Path: q.Name(), Got: fmt.Sprintf("no column %q (since)", q.Since), Want: "one that grows from run to run"}
	}
	name, err := q.one(ctx, conn, typed)
	if err != nil {
		return "", "", err
	}
	since := identifier(q.Since)
	if q.After != "" {
		seen = append(seen, q.After)
	}
	after := ""
	if len(seen) > 0 {
		values := make([]string, len(seen))
		for i, v := range seen {
			values[i] = "(" + literal(v) + "::" + name + ")"
		}
		after = " WHERE " + since + " > (SELECT max(v) FROM (VALUES " + strings.Join(values, ", ") + ") AS seen(v))"
	}
	if last, err = q.one(ctx, conn, "SELECT max("+since+")::text FROM "+q.from()+after); err != nil || last == "" {
		return "", "", err
	}
	glue := " WHERE "
	if after != "" {
		glue = after + " AND "
	}
	return glue + since + " <= " + literal(last) + "::" + name, last, nil
}

// one returns the one value of a query as text, "" for null.
func (q *Query) one(ctx context.Context, conn *pgconn.PgConn, sql string) (string, error) {
	results, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		return "", q.fail(fmt.Sprintf("column %q", q.Since), err, "since needs a column that has an order, such as a number or a time")
	}
	if len(results) != 1 || len(results[0].Rows) != 1 || len(results[0].Rows[0]) != 1 {
		return "", q.fail("", errors.New("no answer to "+sql), "")
	}
	return string(results[0].Rows[0][0]), nil
}

// copyTo writes the rows to an Arrow file.
func (q *Query) copyTo(ctx context.Context, conn *pgconn.PgConn, sql string, columns []column, path string, advance func(int64)) (rows int64, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriterSize(file, 1<<20)
	fields := make([]datasets.Field, len(columns))
	for i, c := range columns {
		fields[i] = c.field
	}
	w, err := arrowio.NewWriter(out, fields, arrowio.Options{Format: arrowio.File, Compression: arrowio.LZ4})
	if err != nil {
		return 0, err
	}
	d := newTuples(columns, func(f *datasets.Frame) error {
		if advance != nil {
			advance(int64(f.Rows))
		}
		return w.Write(f)
	})
	if _, err = conn.CopyTo(ctx, d, sql); err == nil {
		err = d.finish()
	}
	switch {
	case ctx.Err() != nil:
		return d.rows, ctx.Err()
	case err != nil && d.err != nil: // what the driver makes of it says less
		return d.rows, q.fail("", d.err, d.hint)
	case err != nil:
		return d.rows, q.fail("", err, "")
	}
	return d.rows, errors.Join(w.Close(), out.Flush())
}
