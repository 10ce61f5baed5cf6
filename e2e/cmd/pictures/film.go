package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/arealicehole/vocoder/e2e/machine"
)

// A film is a moving picture of a part of the screen, with the key below it, because a
// viewer does not see the keyboard.
type film struct {
	m    *machine.Machine
	part image.Rectangle
	face font.Face

	mu     sync.Mutex
	held   bool
	frames []frame
}

// A frame is what the screen showed from a time on.
type frame struct {
	picture *image.RGBA
	from    time.Time
}

// film dictates two sentences into the empty editor, and writes what the screen showed
// meanwhile.
func (s *studio) film(ctx context.Context) error {
	for _, k := range []string{"a", "x", "s"} { // select all, cut, save: the title has no star
		if err := s.control(ctx, k); err != nil {
			return err
		}
	}
	// The overlay is at the bottom of the screen. The emulated microphone delivers zeros until
	// the clip begins, as none does in a room, and the notification of that stays away.
	if err := s.alice(ctx, "pkill -x mako; swaymsg -q '"+placeFilm+"'"); err != nil {
		return err
	}
	wait(ctx, 2*time.Second)
	f, err := newFilm(s.m, filmed)
	if err != nil {
		return err
	}
	s.held = f.hold
	defer func() { s.held = nil }()
	shooting, cut := context.WithCancel(ctx)
	shot := make(chan error, 1)
	go func() { shot <- f.shoot(shooting) }()
	for _, clip := range []string{long, short} {
		if err = errors.Join(s.say(ctx, clip, nil), s.settled(ctx)); err != nil {
			break
		}
		wait(ctx, 2*time.Second)
	}
	cut()
	if err := errors.Join(err, <-shot); err != nil {
		return err
	}
	if err := s.alice(ctx, "swaymsg -q exec mako; swaymsg -q '"+placeEditor+"'"); err != nil {
		return err
	}
	return f.write(filepath.Join(s.out, "dictation.gif"))
}

// filmed is the part of the screen that a film shows, and placeFilm puts the editor there.
var filmed = image.Rect(230, 500, 1050, 800)

const placeFilm = editor + " border none, resize set width 820 px height 300 px, move absolute position 230 px 500 px"

// each is how often the screen is looked at. Frames that are equal to the last are left out.
const each = 200 * time.Millisecond

func newFilm(m *machine.Machine, part image.Rectangle) (*film, error) {
	f, err := opentype.Parse(gomedium.TTF)
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 17, DPI: 72, Hinting: font.HintingFull})
	return &film{m: m, part: part, face: face}, err
}

// hold says whether the key is held from now on.
func (f *film) hold(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held = down
}

// shoot takes frames until ctx is done.
func (f *film) shoot(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "film")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tick := time.NewTicker(each)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			if err := f.add(context.WithoutCancel(ctx), filepath.Join(dir, "screen.png"), now); err != nil {
				return err
			}
		}
	}
}

// add takes one frame.
func (f *film) add(ctx context.Context, file string, now time.Time) error {
	f.mu.Lock()
	held := f.held
	f.mu.Unlock()
	if err := f.m.Screenshot(ctx, file); err != nil {
		return err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	screen, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return err
	}
	picture := image.NewRGBA(image.Rect(0, 0, f.part.Dx(), f.part.Dy()+keyHeight))
	draw.Draw(picture, image.Rect(0, 0, f.part.Dx(), f.part.Dy()), screen, f.part.Min, draw.Src)
	f.drawKey(picture, held)
	if n := len(f.frames); n == 0 || !bytes.Equal(f.frames[n-1].picture.Pix, picture.Pix) {
		f.frames = append(f.frames, frame{picture, now})
	}
	return nil
}

const keyHeight = 56

var (
	ground   = color.RGBA{0x1a, 0x20, 0x2c, 0xff}
	keyUp    = color.RGBA{0x4a, 0x55, 0x68, 0xff}
	keyDown  = color.RGBA{0xf6, 0xad, 0x55, 0xff}
	legendUp = color.RGBA{0xe2, 0xe8, 0xf0, 0xff}
)

// drawKey draws the key into the strip below the screen.
func (f *film) drawKey(picture *image.RGBA, held bool) {
	strip := picture.Bounds()
	strip.Min.Y = strip.Max.Y - keyHeight
	fill := func(r image.Rectangle, c color.Color) {
		draw.Draw(picture, r, image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(strip, ground)
	key := image.Rect(0, 0, 120, 36).Add(strip.Min).Add(image.Pt(strip.Dx()/2-60, 10))
	face, legend := keyUp, legendUp
	if held {
		face, legend = keyDown, ground
	}
	fill(key, face)
	text := "Right Ctrl"
	d := font.Drawer{Dst: picture, Src: image.NewUniform(legend), Face: f.face}
	d.Dot = fixed.Point26_6{X: fixed.I(key.Min.X+key.Dx()/2) - d.MeasureString(text)/2, Y: fixed.I(key.Min.Y + 24)}
	d.DrawString(text)
}

// longest is how long a frame is shown at most: nothing happens meanwhile.
const longest = 1500 * time.Millisecond

// write encodes the film as a GIF that begins again by itself.
func (f *film) write(file string) error {
	if len(f.frames) == 0 {
		return errors.New("the film has no frame")
	}
	colors := f.palette()
	out := gif.GIF{}
	for i, fr := range f.frames {
		p := image.NewPaletted(fr.picture.Bounds(), colors)
		draw.Draw(p, p.Rect, fr.picture, image.Point{}, draw.Src)
		shown := longest
		if i+1 < len(f.frames) {
			shown = min(f.frames[i+1].from.Sub(fr.from), longest)
		}
		out.Image, out.Delay = append(out.Image, p), append(out.Delay, int(shown/(10*time.Millisecond)))
	}
	out.Delay[len(out.Delay)-1] = 300
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &out); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// palette returns the 256 commonest colors of all frames.
func (f *film) palette() color.Palette {
	count := map[color.RGBA]int{}
	for _, fr := range f.frames {
		for i := 0; i < len(fr.picture.Pix); i += 4 {
			p := fr.picture.Pix[i : i+4]
			count[color.RGBA{p[0], p[1], p[2], 0xff}]++
		}
	}
	all := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var p color.Palette
	for _, c := range all[:min(len(all), 256)] {
		p = append(p, c)
	}
	return p
}
