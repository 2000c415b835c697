package features

import "testing"

func TestChunksSayHowMuchTheyHold(t *testing.T) {
	if got := (&chunk{rows: 10, textLen: 5}).bytes(); got != 4*10+5 {
		t.Errorf("got %d bytes of 10 ids with 5 bytes of text, want 45", got)
	}
}
