package publish

import (
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/place"
)

// QuarantineColumns describes quarantine.parquet.
var QuarantineColumns = []table.Column{
	{Name: "source", Type: table.Text, Dictionary: true, Description: "the file"},
	{Name: "line", Type: table.Int64, Nullable: true, Description: "line of a text file, from 1, header included"},
	{Name: "row", Type: table.Int64, Nullable: true, Description: "row of another file, from 1"},
	{Name: "column", Type: table.Text, Nullable: true, Dictionary: true, Description: "the column at fault; null for the whole row"},
	{Name: "reason", Type: table.Text, Dictionary: true, Description: "why the row was refused"},
	{Name: "got", Type: table.Text, Nullable: true, Description: "what was found"},
	{Name: "want", Type: table.Text, Dictionary: true, Description: "what was wanted"},
}

// WriteQuarantine writes quarantine.parquet: a row for each refused row.
func (r *Results) WriteQuarantine(s *place.Stage) error {
	columns := QuarantineColumns
	w, err := s.Table(manifest.Quarantine, columns)
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(r.Data.AllRefused(), quarantineBatch) {
		if err := w.Write(quarantined(batch)); err != nil {
			return w.Finish(err)
		}
	}
	return w.Finish(nil)
}

// quarantineBatch is how many rows are made ready to be written at a time.
const quarantineBatch = 1 << 14

// quarantined returns refused rows in the form of the table.
func quarantined(faults []datasets.Fault) ([]table.Values, int) {
	n := len(faults)
	v := make([]table.Values, len(QuarantineColumns))
	for _, i := range []int{1, 2, 3, 5} {
		v[i].Valid = datasets.NewBitmap(n)
	}
	set := func(column, i int, has bool) {
		if has {
			v[column].Valid.Set(i)
		}
	}
	for i, f := range faults {
		v[0].Strings = append(v[0].Strings, f.Pos.Path)
		v[1].Ints = append(v[1].Ints, f.Pos.Line)
		v[2].Ints = append(v[2].Ints, f.Pos.Row)
		v[3].Strings = append(v[3].Strings, f.Pos.Column)
		v[4].Strings = append(v[4].Strings, string(f.Reason))
		v[5].Strings = append(v[5].Strings, strings.ToValidUTF8(f.Got, "\uFFFD"))
		v[6].Strings = append(v[6].Strings, f.Want)
		set(1, i, f.Pos.Line > 0)
		set(2, i, f.Pos.Row > 0)
		set(3, i, f.Pos.Column != "")
		set(5, i, f.Got != "")
	}
	return v, n
}
