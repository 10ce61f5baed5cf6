// Command pictures takes the pictures of docs/. In a virtual machine with sway, Waybar and
// mako it dictates into an editor and takes pictures of the screen. Look at them before you
// commit them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/arealicehole/vocoder/e2e/machine"
	"github.com/arealicehole/vocoder/e2e/shipped"
	"github.com/arealicehole/vocoder/internal/test/realserver"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

func main() {
	out := flag.String("out", "docs/pictures", "`FOLDER` for the pictures")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *out); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

// A studio is a machine that is set up for the pictures.
type studio struct {
	m     *machine.Machine
	out   string
	clips []speech.Clip
	held  func(bool) // if not nil, it gets whether the key is held
}

func run(ctx context.Context, out string) (err error) {
	s := &studio{out: out}
	if s.clips, err = speech.Clips(); err != nil {
		return err
	}
	if s.m, err = machine.Boot(ctx, machine.Options{Log: os.Stderr}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.m.Close()) }()
	engine, err := realserver.StartEngine(ctx, realserver.Moonshine, os.Stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Stop()) }()
	for _, step := range []func(context.Context) error{
		func(ctx context.Context) error { return s.m.Forward(ctx, shipped.Port, engine.Addr) },
		s.furnish, s.dictation, s.tray, s.notification, s.terminal,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// The configuration of the desktop. Letters are large, because pages show the pictures
// small.
var furniture = map[string]string{
	"/home/alice/.config/mako/config": `font=DejaVu Sans 15
width=720
height=200
anchor=top-left
outer-margin=0
margin=8
padding=14
background-color=#2d3748
border-color=#f6ad55
border-size=2
border-radius=8
`,
	"/home/alice/.config/waybar/config": `{"height": 44, "modules-left": ["tray", "custom/vocoder"],
"tray": {"icon-size": 28, "spacing": 12},
"custom/vocoder": {"exec": "vocoderctl watch --format waybar", "return-type": "json",
 "format": "{alt}", "on-click": "vocoderctl toggle"}}
`,
	"/home/alice/.config/waybar/style.css": `* { font-family: DejaVu Sans; font-size: 20px; min-height: 0; }
window#waybar { background: #1a202c; color: #e2e8f0; }
#tray, #custom-vocoder { padding: 0 14px; }
#custom-vocoder.listening { color: #fc8181; }
#custom-vocoder.problem { color: #f6ad55; }
`,
	// GLib's keyfile backend needs no dconf.
	"/home/alice/.config/glib-2.0/settings/keyfile": `[org/xfce/mousepad/preferences/view]
word-wrap=true
use-default-monospace-font=false
font-name='DejaVu Sans 17'

[org/xfce/mousepad/preferences/window]
menubar-visible=false
statusbar-visible=false
`,
	"/home/alice/.config/gtk-3.0/settings.ini": `[Settings]
gtk-font-name=DejaVu Sans 15
gtk-icon-theme-name=Adwaita
`,
	"/home/alice/.config/foot/pictures.ini": `font=DejaVu Sans Mono:size=14
pad=10x8
[colors]
background=1a202c
foreground=e2e8f0
`,
	"/home/alice/.config/vocoder/vocoder.yaml": "tray: true\n",
}

// The places of the windows, as sway's commands: below the panel.
const (
	editor        = `[app_id="(?i).*mousepad.*"]`
	terminal      = `[title="pictures"]`
	placeEditor   = editor + " floating enable, border none, resize set width 860 px height 260 px, move absolute position 0 px 44 px"
	placeTerminal = terminal + " floating enable, border none, resize set width 1080 px height 50 px, move absolute position 0 px 44 px"
	placeBelow    = editor + " floating enable, border none, resize set width 1080 px height 200 px, move absolute position 0 px 94 px, focus"
)

func (s *studio) furnish(ctx context.Context) error {
	if _, err := shipped.Packages(ctx, s.m, "waybar", "mako-notifier", "librsvg2-common"); err != nil {
		return err
	}
	if err := shipped.Install(ctx, s.m); err != nil {
		return err
	}
	for name, text := range furniture {
		write := fmt.Sprintf("mkdir -p %s && cat > %s", filepath.Dir(name), name)
		if _, err := s.m.Feed(ctx, "alice", write, strings.NewReader(text)); err != nil {
			return err
		}
	}
	return s.alice(ctx, `swaymsg -q workspace 2, seat '*' hide_cursor 100
		swaymsg -q exec mako
		swaymsg -q exec waybar
		systemctl --user start vocoder`)
}

func (s *studio) alice(ctx context.Context, command string) error {
	_, err := s.m.As(ctx, "alice", command)
	return err
}

// shoot takes a picture of a part of the screen: x, y, width and height in pixels. It waits
// before, because a panel does not report when it has drawn a change.
func (s *studio) shoot(ctx context.Context, name, part string) error {
	wait(ctx, 2*time.Second)
	command := fmt.Sprintf("grim -l 9 -g '%s' /tmp/%s.png", part, name)
	if err := s.alice(ctx, command); err != nil {
		return err
	}
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return err
	}
	return s.m.Get(ctx, "/tmp/"+name+".png", filepath.Join(s.out, name+".png"))
}

// wait waits for d or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

const talk = "ctrl_r"

func (s *studio) clip(name string) (speech.Clip, error) {
	i := slices.IndexFunc(s.clips, func(c speech.Clip) bool { return c.Name == name })
	if i < 0 {
		return speech.Clip{}, fmt.Errorf("find clip %q: not in %s", name, speech.Folder)
	}
	return s.clips[i], nil
}

// say holds the key and plays a clip, and calls meanwhile during that.
func (s *studio) say(ctx context.Context, clip string, meanwhile func() error) error {
	c, err := s.clip(clip)
	if err != nil {
		return err
	}
	if err := s.m.KeyDown(ctx, talk); err != nil {
		return err
	}
	if s.held != nil {
		s.held(true)
		defer s.held(false)
	}
	wait(ctx, 500*time.Millisecond)
	spoken, err := s.m.StartPlay(ctx, c.Clip)
	if err == nil && meanwhile != nil {
		err = meanwhile()
	}
	if err == nil {
		err = spoken.Wait(ctx)
	}
	wait(ctx, 500*time.Millisecond)
	return errors.Join(err, s.m.KeyUp(context.WithoutCancel(ctx), talk))
}

// settled waits until the daemon is idle.
func (s *studio) settled(ctx context.Context) error {
	wait(ctx, 500*time.Millisecond) // the tail; then the daemon transcribes
	return s.alice(ctx, `grep -qm1 '"state":"idle"' < <(exec timeout 60 vocoderctl watch 2> /dev/null)`)
}

// open starts a program and moves its window to its place. sway's first tick event shows
// that sway reports windows from then on.
func (s *studio) open(ctx context.Context, command, place string) error {
	return s.alice(ctx, fmt.Sprintf(`exec 3< <(exec timeout 60 swaymsg -m -r -t subscribe '["window","tick"]' 2> /dev/null)
		grep -qm1 '"first"' <&3
		swaymsg -q exec '%s'
		grep -qm1 '"focus"' <&3
		swaymsg -q '%s'`, command, place))
}

// edit opens an empty file in the editor.
func (s *studio) edit(ctx context.Context, place string) error {
	if err := s.alice(ctx, ": > ~/letter.txt"); err != nil {
		return err
	}
	if err := s.open(ctx, "env GSETTINGS_BACKEND=keyfile mousepad letter.txt", place); err != nil {
		return err
	}
	wait(ctx, 4*time.Second) // until it has drawn its window, in its own size
	if err := s.alice(ctx, "swaymsg -q '"+place+"'"); err != nil {
		return err
	}
	wait(ctx, 2*time.Second)
	return nil
}

// control presses a key with Ctrl, and waits for the effect.
func (s *studio) control(ctx context.Context, key string) error {
	err := s.m.KeyDown(ctx, "ctrl")
	if err == nil {
		err = s.m.KeyDown(ctx, key)
	}
	defer wait(ctx, 2*time.Second)
	return errors.Join(err, s.m.KeyUp(ctx, key), s.m.KeyUp(ctx, "ctrl"))
}

// mistakes returns how many words in the editor differ from those of the clip.
func (s *studio) mistakes(ctx context.Context, clip string) (int, error) {
	if err := s.control(ctx, "s"); err != nil {
		return 0, err
	}
	got, err := s.m.As(ctx, "alice", "cat ~/letter.txt")
	if err != nil {
		return 0, err
	}
	c, err := s.clip(clip)
	fmt.Printf("the letter: %s\n", got)
	return speech.Compare(c.Words, got).Errors, err
}

// With complete sound, the recognizer makes no mistake in either, and each ends like a
// sentence.
const (
	long  = "sense_and_sensibility_01_austen_64kb-0870"
	short = "goforward"
)

// takes is how often a sentence is spoken at most until it is typed without a mistake. An
// emulated sound card on a busy host sometimes loses sound.
const takes = 3

func (s *studio) dictation(ctx context.Context) error {
	if err := s.edit(ctx, placeEditor); err != nil {
		return err
	}
	if err := s.write(ctx, long); err != nil {
		return err
	}
	return s.film(ctx)
}

// write dictates into the empty file until all its words are right.
func (s *studio) write(ctx context.Context, clip string) error {
	for take := 1; ; take++ {
		if err := errors.Join(s.say(ctx, clip, nil), s.settled(ctx)); err != nil {
			return err
		}
		wrong, err := s.mistakes(ctx, clip)
		switch {
		case err != nil || wrong == 0:
			return err
		case take == takes:
			return fmt.Errorf("the letter has %d wrong words at the take %d", wrong, take)
		}
		for _, k := range []string{"a", "x"} { // select all, cut
			if err := s.control(ctx, k); err != nil {
				return err
			}
		}
	}
}

func (s *studio) notification(ctx context.Context) error {
	if err := s.alice(ctx, "swaymsg -q workspace 4; pactl set-source-mute @DEFAULT_SOURCE@ 1"); err != nil {
		return err
	}
	err := s.m.KeyDown(ctx, talk)
	wait(ctx, time.Second)
	if err := errors.Join(err, s.m.KeyUp(context.WithoutCancel(ctx), talk)); err != nil {
		return err
	}
	if err := s.shoot(ctx, "notification", "0,44 740x96"); err != nil {
		return err
	}
	if err := s.shoot(ctx, "tray-problem", panel); err != nil {
		return err
	}
	if err := s.stack("tray", "tray-idle", "tray-listening", "tray-paused", "tray-problem"); err != nil {
		return err
	}
	return s.alice(ctx, "pactl set-source-mute @DEFAULT_SOURCE@ 0; makoctl dismiss -a")
}

// panel is the place of the icon and of Waybar's module.
const panel = "0,0 230x44"

// tray takes pictures of the panel in the states that look different.
func (s *studio) tray(ctx context.Context) error {
	if err := s.shoot(ctx, "tray-idle", panel); err != nil {
		return err
	}
	err := s.say(ctx, short, func() error { return s.shoot(ctx, "tray-listening", panel) })
	if err == nil {
		err = s.settled(ctx)
	}
	if err != nil {
		return err
	}
	if err := s.alice(ctx, "vocoderctl pause"); err != nil {
		return err
	}
	if err := s.shoot(ctx, "tray-paused", panel); err != nil {
		return err
	}
	return s.alice(ctx, "vocoderctl resume")
}

// terminal takes pictures of the status line of vocoder run: during the recording, and when
// the words are in an editor below. A notification would cover the line.
func (s *studio) terminal(ctx context.Context) error {
	if err := s.alice(ctx, `systemctl --user stop vocoder; makoctl dismiss -a; swaymsg -q workspace 2`); err != nil {
		return err
	}
	for _, key := range []string{"s", "q"} { // of the editor
		if err := s.control(ctx, key); err != nil {
			return err
		}
	}
	if err := s.alice(ctx, "swaymsg -q workspace 3"); err != nil {
		return err
	}
	if err := s.open(ctx, "foot -c /home/alice/.config/foot/pictures.ini --title=pictures vocoder run --notify=false", placeTerminal); err != nil {
		return err
	}
	if err := s.edit(ctx, placeBelow); err != nil {
		return err
	}
	// The picture must not have the lines logged so far.
	if err := s.alice(ctx, `printf '\033[H\033[2J' > "/dev/$(ps -o tty= -C vocoder | head -n1)"`); err != nil {
		return err
	}
	if err := s.say(ctx, long, func() error { return s.shoot(ctx, "terminal-listening", liveLine) }); err != nil {
		return err
	}
	if err := s.settled(ctx); err != nil {
		return err
	}
	if err := errors.Join(s.say(ctx, short, nil), s.settled(ctx)); err != nil {
		return err
	}
	if err := s.shoot(ctx, "terminal-ready", liveLine); err != nil {
		return err
	}
	return s.stack("terminal", "terminal-listening", "terminal-ready")
}

// liveLine is the place of the status line of vocoder run.
const liveLine = "0,44 1080x50"
