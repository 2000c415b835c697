package parquetio_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
)

func Example() {
	var file bytes.Buffer
	columns := []table.Column{
		{Name: "customer", Type: table.Text, Description: "the customer's key"},
		{Name: "monetary", Type: table.Decimal, Scale: 6, Nullable: true, Unit: "GBP"},
	}
	w, err := parquetio.NewWriter(&file, columns, parquetio.DefaultOptions())
	if err != nil {
		fmt.Println(err)
		return
	}
	known := datasets.NewBitmap(2)
	known.Set(0)
	err = w.Write([]table.Values{
		{Strings: []string{"C1", "C2"}},
		{Ints: []int64{12_500_000, 0}, Valid: known},
	}, 2)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		fmt.Println(err)
		return
	}

	r, err := parquetio.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()), "segments.parquet")
	if err == nil {
		err = r.Select([]int{0, 1})
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	part, err := r.Next(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	var frame datasets.Frame
	if err := part.Decode(&frame); err != nil {
		fmt.Println(err)
		return
	}
	for row := range frame.Rows {
		fmt.Printf("%s %v %v\n", frame.Columns[0].Texts.At(row), frame.Columns[1].Ints[row], frame.Columns[1].Valid.Get(row))
	}
	// Output:
	// C1 12500000 true
	// C2 0 false
}
