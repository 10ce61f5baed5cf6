package script

import "testing"

// TestSpaceless: the ranges of characters between which a line break is no space.
func TestSpaceless(t *testing.T) {
	for r, want := range map[rune]bool{
		'\u2fff': false, '\u3000': true, '。': true, '\u303f': true, '\u3040': false, 'あ': true, 'ン': true, '漢': true, 'ไ': true, 'ລ': true, 'ក': true, 'မ': true,
		'\uff00': false, '！': true, '\uff60': true, '｡': true, '\uff65': true, 'ｶ': true, '\uffa0': false, 'ー': true, 'ｰ': true, '・': true, '\u3099': true, 'ㄅ': true, 'a': false, '한': false, ' ': false,
	} {
		if IsSpaceless(r) != want {
			t.Errorf("%q (%U): %v", r, r, !want)
		}
	}
}

// TestIsUnspaced: whether a space separates two texts depends on what is at their joint.
func TestIsUnspaced(t *testing.T) {
	for _, tt := range []struct {
		left, right string
		want        bool
	}{
		{"你好，世界。", "今天很好。", true}, {"こんにちは", "「はい」", true}, {"สวัสดี", "ครับ", true}, {"他说：“好”", "我来", true}, {"好…", "…的", true},
		{"안녕하세요.", "오늘", false}, {"I see.", "You too.", false}, {"我用 Linux", "很久了", false}, {"好", "good", false}, {"", "好", false}, {"", "", false},
	} {
		if got := IsUnspaced(tt.left, tt.right); got != tt.want {
			t.Errorf("%q, %q: %v", tt.left, tt.right, got)
		}
	}
}
