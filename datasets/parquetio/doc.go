// Package parquetio reads and writes Parquet files.
//
// Reading goes page by page and column by column: only the columns asked for
// are touched, dictionary-coded text stays coded, and a row never becomes a Go
// value. Writing takes typed columns and needs no Go type that describes the
// rows, so the schema may be known only when the program runs.
//
// Only this package knows the library underneath.
package parquetio
