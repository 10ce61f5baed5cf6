package key

import "slices"

// textKeys are ranges of the keys that the 577 layouts of xkeyboard-config 2.35.1
// write text with: the digits, the letters, the keys to the right of them, both Shift
// keys, the keypad with Num Lock, AltGr and the two keys without a name that always
// choose the third and the fifth level, and the keys that only keyboards of some
// countries have.
var textKeys = [][2]Code{
	{2, 13}, {16, 27}, {30, 41}, {42, 55}, {57, 57}, {69, 69}, {71, 84}, {86, 86}, {89, 89}, {98, 98},
	{100, 100}, {117, 118}, {121, 121}, {124, 124}, {179, 180}, {195, 195},
}

// IsText reports whether c is a key that layouts write text with, alone or held. Others
// act on the machine or on the window, such as Enter, Ctrl, Super and the function keys.
func (c Code) IsText() bool {
	return slices.ContainsFunc(textKeys, func(r [2]Code) bool { return c >= r[0] && c <= r[1] })
}
