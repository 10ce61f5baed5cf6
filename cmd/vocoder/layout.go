package main

import (
	"sync"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// usLayout returns the layout that every keyboard is taken to have.
var usLayout = sync.OnceValue(func() *keymap.Table {
	return keymap.US().Table(0, keymap.Locks{}, nil)
})
