package main

import (
	"sync"

	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/key"
)

// A table is a keymap as inject sees it.
type table struct{ *keymap.Table }

// Strokes implements inject.Layout.
func (t table) Strokes(c rune) ([]key.Stroke, bool) {
	plan, err := t.Plan(string(c))
	if err != nil || len(plan) != 1 {
		return nil, false
	}
	return plan[0].Strokes, true
}

// usLayout returns the layout that every keyboard is taken to have.
var usLayout = sync.OnceValue(func() inject.Layout {
	return table{keymap.US().Table(0, keymap.Locks{}, nil)}
})
