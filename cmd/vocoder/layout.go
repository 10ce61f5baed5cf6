package main

import (
	"sync"

	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/keymap"
)

var _ inject.Layout = (*keymap.Table)(nil)

// usLayout returns the layout that every keyboard is taken to have.
var usLayout = sync.OnceValue(func() inject.Layout {
	return keymap.US().Table(0, keymap.Locks{}, nil)
})
