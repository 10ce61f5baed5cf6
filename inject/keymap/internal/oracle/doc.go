// Package oracle drives libxkbcommon, which most Wayland programs ask what a
// key means, so that package keymap can be compared with it. It exists under
// the build tag xkbcommon and in tests only.
package oracle
