package tray

import (
	"bytes"
	"embed"
	"image"
	"image/png"
)

//go:generate go test -run ^TestIcons$ -update

// A Mood is what the icon shows, by its color and by its shape.
type Mood uint8

// The moods.
const (
	Idle      Mood = iota // a gray microphone
	Listening             // red
	Thinking              // amber, with dots below
	Paused                // struck through
	Problem               // with an exclamation mark
)

// names are the names of the icon files.
var names = [...]string{Idle: "idle", Listening: "listening", Thinking: "thinking", Paused: "paused", Problem: "problem"}

// icons has a picture for each mood. It shows the icon in each size, from left to right.
// icons_test.go draws them.
//
//go:embed icons/*.png
var icons embed.FS

// sizes are those that panels ask for, in pixels. A panel scales them to other sizes.
var sizes = []int{16, 22, 24, 32, 48, 64}

// A pixmap is a picture: ARGB of 8 bits each, in network byte order, not premultiplied.
// Source: IconPixmap of StatusNotifierItem.
type pixmap struct {
	Width, Height int32
	Data          []byte
}

// pixmaps returns the icon of a mood in each size. The icon does not use the names of
// icon themes: if a theme lacks a name, the panel shows that something is missing, as
// Adwaita does for audio-input-microphone.
func pixmaps(m Mood) (all []pixmap) {
	b, err := icons.ReadFile("icons/" + names[m] + ".png")
	if err != nil {
		panic("tray: " + err.Error())
	}
	strip, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		panic("tray: " + err.Error())
	}
	left := 0
	for _, n := range sizes {
		p := pixmap{Width: int32(n), Height: int32(n)}
		for i := range n * n {
			c := strip.(*image.NRGBA).NRGBAAt(left+i%n, i/n)
			p.Data = append(p.Data, c.A, c.R, c.G, c.B)
		}
		all = append(all, p)
		left += n
	}
	return all
}
