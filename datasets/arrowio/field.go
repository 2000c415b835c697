package arrowio

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/quintile-dev/quintile/datasets"
)

// field is one flat column of a schema, in its delivered form.
type field struct {
	datasets.Field
	index int // in the schema
	uuid  bool
}

// descriptionKey is the key of the description in a field's metadata.
const descriptionKey = "description"

// fieldOf returns the delivered form of a column, or the reason why the column
// cannot be delivered.
func fieldOf(f arrow.Field) (field, string) {
	out := field{Field: datasets.Field{Name: f.Name}}
	if i := f.Metadata.FindKey(descriptionKey); i >= 0 {
		out.Description = f.Metadata.Values()[i]
	}
	extension, _ := f.Metadata.GetValue("ARROW:extension:name")
	return out.of(f.Type, extension)
}

func (f field) of(t arrow.DataType, extension string) (field, string) {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return f.of(t.ValueType, extension)
	case arrow.ExtensionType:
		return f.of(t.StorageType(), t.ExtensionName())
	case *arrow.TimestampType:
		f.Kind, f.UTC = datasets.Timestamp, t.TimeZone != ""
	case *arrow.Decimal32Type, *arrow.Decimal64Type, *arrow.Decimal128Type:
		f.Kind, f.Scale = datasets.Decimal, int(t.(arrow.DecimalType).GetScale())
		if f.Scale < 0 || f.Scale > 76 {
			return f, fmt.Sprintf("the type %s", t)
		}
	case *arrow.FixedSizeBinaryType:
		if t.ByteWidth != 16 || extension != "arrow.uuid" {
			return f, fmt.Sprintf("the type %s", t)
		}
		f.Kind, f.uuid = datasets.Text, true
	default:
		switch t.ID() {
		case arrow.BOOL:
			f.Kind = datasets.Bool
		case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.UINT8, arrow.UINT16, arrow.UINT32, arrow.UINT64:
			f.Kind = datasets.Int
		case arrow.FLOAT16, arrow.FLOAT32, arrow.FLOAT64:
			f.Kind = datasets.Float
		case arrow.DATE32, arrow.DATE64:
			f.Kind = datasets.Date
		case arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW, arrow.BINARY, arrow.LARGE_BINARY, arrow.BINARY_VIEW, arrow.NULL:
			f.Kind = datasets.Text
		default:
			return f, fmt.Sprintf("the type %s", t)
		}
	}
	return f, ""
}

// names returns the names of the flat columns, for messages.
func names(fields []field) string {
	var list []string
	for i := range fields {
		if i == 20 {
			list = append(list, fmt.Sprintf("%d more", len(fields)-i))
			break
		}
		list = append(list, fmt.Sprintf("%q", fields[i].Name))
	}
	return fmt.Sprint(list)
}
