package arrowio

import (
	"encoding/binary"
	"os"
	"testing"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/quintile-dev/quintile/datasets/realdata"
)

// FuzzGuardReadsAsTheLibrary fails where the guard accepts a table of which the
// library reads another field: one that is absent for one of the two, at another
// place, or a list of another length.
func FuzzGuardReadsAsTheLibrary(f *testing.F) {
	for _, data := range fixtureBytes(f) {
		f.Add(data, uint16(0))
		if len(data) > 16 {
			f.Add(data[8:], uint16(12))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, start uint16) {
		own := table{data: data}
		first, err := own.follow(int(start))
		if err != nil {
			return
		}
		theirs := flatbuffers.Table{Bytes: data, Pos: flatbuffers.UOffsetT(start)}
		theirs.Pos = theirs.Indirect(theirs.Pos)
		sameReading(t, first, theirs, 3)
	})
}

func sameReading(t *testing.T, own table, theirs flatbuffers.Table, depth int) {
	t.Helper()
	if own.at != int(theirs.Pos) {
		t.Fatalf("a table at %d, want %d as the library", own.at, theirs.Pos)
	}
	for i := range 8 {
		at, err := own.field(i, 4)
		if err != nil {
			continue // refused
		}
		want := 0
		if offset := theirs.Offset(flatbuffers.VOffsetT(4 + 2*i)); offset != 0 {
			want = int(offset) + int(theirs.Pos)
		}
		if at != want {
			t.Fatalf("field %d at %d, want %d as the library (0 is absent)", i, at, want)
		}
		if at == 0 {
			continue
		}
		offset := flatbuffers.UOffsetT(at) - theirs.Pos
		if from, n, err := own.vector(i, 4); err == nil {
			if gotAt, got := theirs.Vector(offset), theirs.VectorLen(offset); int(gotAt) != from || got != n {
				t.Fatalf("field %d: a list of %d at %d, want %d at %d as the library", i, n, from, got, gotAt)
			}
		}
		if inner, ok, err := own.table(i); err == nil && ok && depth > 0 {
			sameReading(t, inner, flatbuffers.Table{Bytes: theirs.Bytes, Pos: theirs.Indirect(flatbuffers.UOffsetT(at))}, depth-1)
		}
	}
}

// TestOddVtablesAreRefused damages a plain stream as a hostile writer would: the
// vtable of a field ends in the middle of the entry of its children, and the
// children are said to be 0x7fffffff.
func TestOddVtablesAreRefused(t *testing.T) {
	t.Run("a hostile file", func(t *testing.T) {
		data, err := os.ReadFile(realdata.Case(t, "26-arrow-odd-vtable/in.arrow"))
		if err != nil {
			t.Fatal(err)
		}
		readHostile(t, data)
		if tryRead(data) == nil {
			t.Fatal("a stream with a vtable of 15 bytes was read")
		}
	})
	for size := range uint16(40) {
		b := make([]byte, 64)
		binary.LittleEndian.PutUint32(b, 48)
		binary.LittleEndian.PutUint32(b[48:], 48-8)
		binary.LittleEndian.PutUint16(b[8:], size)
		_, err := root(b)
		if want := size >= 4 && size%2 == 0; (err == nil) != want {
			t.Errorf("a vtable of %d bytes: got %v, want accepted: %v", size, err, want)
		}
	}
}

// TestMetadataThatOverlapIsRefused builds a schema of which 20,000 fields are
// the same table with a name of 200 kB: the library would copy 4 GB.
func TestMetadataThatOverlapIsRefused(t *testing.T) {
	b := flatbuffers.NewBuilder(0)
	name := b.CreateByteString(make([]byte, 200_000))
	b.StartObject(1) // the type
	kind := b.EndObject()
	b.StartObject(7) // the field
	b.PrependUOffsetTSlot(0, name, 0)
	b.PrependByteSlot(2, 5, 0)
	b.PrependUOffsetTSlot(3, kind, 0)
	field := b.EndObject()
	const fields = 20_000
	b.StartVector(4, fields, 4)
	for range fields {
		b.PrependUOffsetT(field)
	}
	list := b.EndVector(fields)
	b.StartObject(4)
	b.PrependUOffsetTSlot(1, list, 0)
	schema := b.EndObject()
	b.StartObject(5)
	b.PrependInt16Slot(0, 4, 0)
	b.PrependByteSlot(1, schemaMessage, 0)
	b.PrependUOffsetTSlot(2, schema, 0)
	b.Finish(b.EndObject())
	meta := b.FinishedBytes()
	stream := binary.LittleEndian.AppendUint32(nil, continuation)
	stream = binary.LittleEndian.AppendUint32(stream, uint32(len(meta)))
	stream = append(stream, meta...)
	readHostile(t, stream)
	if tryRead(stream) == nil {
		t.Error("a schema of overlapping fields was read")
	}
}
