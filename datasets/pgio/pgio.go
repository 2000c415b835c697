// Package pgio reads tables and queries of a PostgreSQL server into local Arrow files, which are read like any file.
// Only this package uses the driver.
//
// Rows come by binary COPY, in one read-only transaction, and are written at once: memory holds one batch.
//
// # Types
//
// boolean, smallint to bigint, real, double precision, date, timestamp with and without time zone keep their types.
// numeric(p,s) with p up to 18 is a decimal with s places, other numerics a decimal with 6, rounded half away from
// zero. All other types are texts, as the server writes them. NaN and infinite numerics are nulls.
package pgio

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/quintile-dev/quintile/datasets"
)

// Query describes the rows to read.
type Query struct {
	URL      string // postgres://user@host:5432/database?sslmode=verify-full, without a password
	Password string // "": PGPASSWORD, or the pass file
	Table    string // schema.table; or
	SQL      string // a SELECT
	Limit    int    // rows; 0: all
	Since    string // column that grows from run to run; "": all rows
	After    string // the last value of it that was read, as the server writes it; "": none
}

// IsURL reports whether a path is the URL of a PostgreSQL server.
func IsURL(path string) bool {
	return strings.HasPrefix(path, "postgres://") || strings.HasPrefix(path, "postgresql://")
}

// SplitPassword takes the password out of a URL.
//
// Errors: for a path that is no URL of a server; an error never shows the path.
func SplitPassword(path string) (without, password string, err error) {
	odd := errors.New("got a URL that cannot be read (hidden: it may hold a password), want one such as postgres://user@host:5432/database; " +
		"a password goes into PGPASSWORD or a pass file")
	scheme, rest, _ := strings.Cut(path, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, place := rest[:end], rest[end:]
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		if user, secret, has := strings.Cut(authority[:at], ":"); has {
			if password, err = url.PathUnescape(secret); err != nil {
				return "", "", odd
			}
			authority = user + authority[at:]
		}
	}
	u, err := url.Parse(scheme + "://" + authority + place)
	if err != nil || u.Host == "" && u.Query().Get("host") == "" || strings.Contains(u.Path+u.Fragment, "@") {
		return "", "", odd
	}
	if q := u.Query(); q.Has("password") {
		password = q.Get("password")
		q.Del("password")
		u.RawQuery = q.Encode()
		return u.String(), password, nil
	}
	return scheme + "://" + authority + place, password, nil
}

// connect connects to the server. Errors contain no password.
func (q *Query) connect(ctx context.Context) (*pgconn.PgConn, error) {
	config, err := pgconn.ParseConfig(q.URL)
	if err != nil {
		return nil, q.fail("", err, "write it as postgres://user@host:5432/database, with ?sslmode=verify-full for TLS")
	}
	if q.Password != "" {
		config.Password = q.Password
	}
	config.RuntimeParams["application_name"] = "quintile"
	config.RuntimeParams["synchronize_seqscans"] = "off" // the same rows in the same order
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["datestyle"] = "ISO"
	config.RuntimeParams["extra_float_digits"] = "1"
	config.RuntimeParams["default_transaction_read_only"] = "on"
	c, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, q.fail("", err, "check the address, the user and PGPASSWORD or the pass file")
	}
	return c, nil
}

// fail wraps an error of the driver, after removing the password.
func (q *Query) fail(at string, err error, hint string) error {
	if q.Password != "" && strings.Contains(err.Error(), q.Password) {
		err = errors.New(strings.ReplaceAll(err.Error(), q.Password, "(hidden)"))
	}
	return &datasets.FileError{Path: q.Name(), At: at, Err: err, Hint: hint}
}

// Name returns the name of the data in messages and manifests: without the growth since.
func (q *Query) Name() string {
	base := q.URL
	if u, err := url.Parse(q.URL); err == nil {
		u.RawQuery, u.Fragment = "", ""
		base = u.String()
	}
	if q.Table != "" {
		return base + "#" + q.Table
	}
	return fmt.Sprintf("%s#query-%08x", base, digest(q.SQL))
}

// digest is the FNV-1a hash of a text.
func digest(text string) uint32 {
	h := uint32(2166136261)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * 16777619
	}
	return h
}

// upTo separates the name of a query from the last value read.
func (q *Query) upTo() string { return q.Name() + "?" + q.Since + "<=" }

// Read returns, from the names of data read by earlier runs, the last values of the column of this
// query.
func (q *Query) Read(names []string) []string {
	var values []string
	for _, name := range names {
		if value, mine := strings.CutPrefix(name, q.upTo()); mine && q.Since != "" {
			values = append(values, value)
		}
	}
	return values
}

// from returns the source of the rows as a FROM clause.
func (q *Query) from() string {
	if q.Table != "" {
		parts := strings.Split(q.Table, ".")
		for i := range parts {
			parts[i] = identifier(parts[i])
		}
		name := strings.Join(parts, ".")
		if q.Limit > 0 {
			return fmt.Sprintf("(SELECT * FROM %s LIMIT %d) AS query", name, q.Limit)
		}
		return name
	}
	return "(" + strings.TrimRight(strings.TrimSpace(q.SQL), ";") + "\n) AS query"
}

// identifier writes a name as SQL.
func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// literal writes a text as SQL.
func literal(text string) string {
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	if strings.Contains(text, `\`) {
		return " E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}
