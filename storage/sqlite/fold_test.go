package sqlite

import (
	"bytes"
	"testing"
)

// FuzzPieces: bytes that are no pieces are an error; those that are stay what
// they are.
func FuzzPieces(f *testing.F) {
	some := pieces{0: []byte("first"), 5: {}, 11: bytes.Repeat([]byte{7}, 300)}
	f.Add(some.join())
	f.Add([]byte{12, 0})
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{3, 1, 'a', 3, 1, 'b'})
	f.Fuzz(func(t *testing.T, joined []byte) {
		var p, again pieces
		if p.split(joined) != nil {
			return
		}
		if err := again.split(p.join()); err != nil {
			t.Fatal(err)
		}
		for i := range p {
			if !bytes.Equal(p[i], again[i]) || (p[i] == nil) != (again[i] == nil) {
				t.Errorf("%d: %q, then %q", i, p[i], again[i])
			}
		}
	})
}
