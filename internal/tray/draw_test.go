package tray

import (
	"bytes"
	"testing"
)

// Each mood has its picture in each size, which is neither empty nor full and
// leaves the corners free; no two are alike.
func TestDraw(t *testing.T) {
	for _, n := range sizes {
		var seen [][]byte
		for m := Idle; m <= Problem; m++ {
			picture := draw(m, n)
			if len(picture) != 4*n*n {
				t.Fatalf("mood %d at %d: %d bytes", m, n, len(picture))
			}
			covered := 0
			for i := 0; i < len(picture); i += 4 {
				if picture[i] > 127 {
					covered++
				}
			}
			if covered < n*n/10 || covered > n*n/2 || picture[0] != 0 || picture[4*(n-1)] != 0 {
				t.Errorf("mood %d at %d: %d of %d pixels", m, n, covered, n*n)
			}
			for _, other := range seen {
				if bytes.Equal(other, picture) {
					t.Errorf("mood %d at %d looks like another", m, n)
				}
			}
			seen = append(seen, picture)
		}
	}
}
