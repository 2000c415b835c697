package arrowio

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/quintile-dev/quintile/datasets"
)

func TestUnsignedNumbersBeyondInt64AreTexts(t *testing.T) {
	for _, c := range []struct {
		values []uint64
		kind   datasets.Kind
		want   string
	}{
		{[]uint64{7, 18446744073709551615}, datasets.Text, "18446744073709551615"},
		{[]uint64{7, 8}, datasets.Int, "8"},
	} {
		b := array.NewUint64Builder(memory.DefaultAllocator)
		b.AppendValues(c.values, nil)
		values := b.NewArray()
		f, why := fieldOf(arrow.Field{Name: "id", Type: arrow.PrimitiveTypes.Uint64})
		if why != "" {
			t.Fatal(why)
		}
		var got datasets.Column
		if err := f.fill(&got, values); err != nil {
			t.Fatal(err)
		}
		if got.Kind != c.kind || string(got.AppendText(nil, 0)) != "7" || string(got.AppendText(nil, 1)) != c.want {
			t.Errorf("%d: got %s, %q", c.values, got.Kind, got.AppendText(nil, 1))
		}
	}
}
