package text

import "testing"

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"kubernetes", "kubernetis", 1}, {"ab", "ba", 1}, {"abcd", "badc", 2}, {"ca", "abc", 3}, {"größe", "grosse", 3}} {
		if got := distance([]rune(tt.a), []rune(tt.b), 9); got != tt.want {
			t.Errorf("%q and %q: %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := distance([]rune(tt.b), []rune(tt.a), max(tt.want-1, 0)); tt.want > 0 && got != tt.want {
			t.Errorf("%q and %q, of at most %d: %d", tt.a, tt.b, tt.want-1, got)
		}
	}
}
