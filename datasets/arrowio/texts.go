package arrowio

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/quintile-dev/quintile/datasets"
)

// texts sets dst to the texts of an array that has been validated. The text of a
// null row is unspecified.
func (f *field) texts(dst *datasets.Strings, values arrow.Array) error {
	switch a := values.(type) {
	case *array.String:
		return contiguous(dst, a, a.ValueOffsets(), a.ValueBytes())
	case *array.Binary:
		return errors.Join(contiguous(dst, a, a.ValueOffsets(), a.ValueBytes()), checkUTF8(dst, a))
	case *array.LargeString:
		return contiguous(dst, a, a.ValueOffsets(), a.ValueBytes())
	case *array.LargeBinary:
		return errors.Join(contiguous(dst, a, a.ValueOffsets(), a.ValueBytes()), checkUTF8(dst, a))
	case *array.StringView:
		return scattered(dst, a, a.Value)
	case *array.BinaryView:
		return errors.Join(scattered(dst, a, a.Value), checkUTF8(dst, a))
	case *array.FixedSizeBinary:
		return scattered(dst, a, func(i int) []byte { return uuidText(a.Value(i)) })
	case *array.Null:
		for range a.Len() {
			dst.Append(nil)
		}
		return nil
	}
	return fmt.Errorf("arrowio: BUG: texts in %s", values.DataType())
}

// contiguous takes texts that lie in turn in data; offset i is where text i
// begins and text i−1 ends.
func contiguous[T int32 | int64](dst *datasets.Strings, a arrow.Array, offsets []T, data []byte) error {
	if a.Len() == 0 {
		return nil
	}
	base := offsets[0]
	if int64(offsets[a.Len()]-base) > math.MaxUint32 {
		return fmt.Errorf("%d bytes of text, want at most %d; write smaller batches", offsets[a.Len()]-base, int64(math.MaxUint32))
	}
	dst.Data = owned(data)
	for i := range a.Len() {
		dst.Start = append(dst.Start, uint32(offsets[i]-base))
		dst.End = append(dst.End, uint32(offsets[i+1]-base))
	}
	return nil
}

// scattered takes texts that lie anywhere.
func scattered[T string | []byte](dst *datasets.Strings, a arrow.Array, value func(int) T) error {
	for i := range a.Len() {
		text := []byte(nil)
		if a.IsValid(i) {
			text = []byte(value(i))
		}
		if int64(len(text)) > math.MaxUint32-int64(len(dst.Data)) {
			return fmt.Errorf("more than %d bytes of text; write smaller batches", int64(math.MaxUint32))
		}
		dst.Append(text)
	}
	return nil
}

// checkUTF8 checks bytes that are to be texts. For texts, validating the array
// has done so.
func checkUTF8(s *datasets.Strings, a arrow.Array) error {
	for i := range s.Len() {
		if a.IsValid(i) && !utf8.Valid(s.At(i)) {
			return fmt.Errorf("row %d: %w", i+1, errNotText)
		}
	}
	return nil
}

// uuidText writes a UUID as "123e4567-e89b-12d3-a456-426614174000".
func uuidText(b []byte) []byte {
	var text [36]byte
	at := 0
	for i, piece := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:16]} {
		if i > 0 {
			text[at] = '-'
			at++
		}
		at += hex.Encode(text[at:], piece)
	}
	return text[:]
}
