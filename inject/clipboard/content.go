package clipboard

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// A selection is one of the two clipboards of a desktop.
type selection int

const (
	clipboard selection = iota // what Ctrl+V pastes
	primary                    // what the middle button pastes
)

var both = [...]selection{clipboard, primary}

// A content is what a selection offers, in all its forms. An empty selection has none.
type content []form

// A form is one representation. Kind and bits are those of X11: the type of
// the property and the size of its items; empty and 0 elsewhere.
type form struct {
	name string // a MIME type, or an X11 target
	kind string
	bits byte
	data []byte
}

// find returns the form with a name.
func (c content) find(name string) (form, bool) {
	for _, f := range c {
		if f.name == name {
			return f, true
		}
	}
	return form{}, false
}

// has reports whether a form of the content is a text. Some clipboard managers keep a text
// without the space at its end.
func (c content) has(text string) bool {
	text = strings.TrimSpace(text)
	return slices.ContainsFunc(c, func(f form) bool { return string(bytes.TrimSpace(f.data)) == text })
}

// maxSaved is how much of a selection is kept to be put back.
const maxSaved = 4 << 20

// secret is the form by which password managers ask clipboard managers not to record a
// text. They must not record a dictated text either.
const secret = "x-kde-passwordManagerHint"

// textContent returns the content of a dictated text.
func textContent(text string) content {
	data := []byte(text)
	c := content{
		{name: "text/plain;charset=utf-8", data: data},
		{name: "UTF8_STRING", data: data},
		{name: "text/plain", data: data},
		{name: "TEXT", kind: "UTF8_STRING", data: data},
		{name: secret, data: []byte("secret")},
	}
	if len(text) == utf8.RuneCountInString(text) { // else it is not what STRING means
		c = append(c, form{name: "STRING", data: data})
	}
	return c
}
