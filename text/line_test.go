package text

import (
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	long := strings.Repeat("word ", 12_000)
	for _, tt := range []struct{ name, in, want string }{
		{"spaces", " a  b\t c ", "a b c"},
		{"breaks", "a\u2028b\u0085c\vd", "a b c d"},
		{"no-break spaces stay inside", "\u00a0Oui\u00a0!\u00a0", "Oui\u00a0!"},
		{"Korean has spaces", "안녕\n하세요", "안녕 하세요"},
		{"Chinese and English", "用\nVim\n编辑", "用 Vim 编辑"},
		{"an hour of speech", long, strings.TrimSpace(long)},
	} {
		if got := Line(tt.in); got != tt.want {
			t.Errorf("%s: %.80q, want %.80q", tt.name, got, tt.want)
		}
	}
}
