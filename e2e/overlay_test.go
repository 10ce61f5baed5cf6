//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/repo"
)

// TestOverlay runs the overlay with the daemon, and looks at the screen. It works in each
// session that VOCODER_MACHINE_SESSION names.
func TestOverlay(t *testing.T) {
	o := newOverlay(t)
	for _, tt := range []struct {
		name string
		test func(*testing.T, *overlay)
	}{
		{"bars follow a tone", barsFollow},
		{"a click goes through", clickGoesThrough},
		{"scales", overlayScales},
		{"two outputs", twoOutputs},
		{"stopped and killed", overlayStopped},
		{"flooded", overlayFlooded},
		{"idle", overlayIdle},
		{"display server restarted", serverRestarted},
		{"words leave no trace", wordsLeaveNoTrace},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, o) })
	}
}

// An overlay is a session with the daemon and its overlay. The microphone hears what a test
// plays.
type overlay struct{ *mockSession }

func newOverlay(t *testing.T) *overlay {
	o := &overlay{quietMockSession(t)}
	ctx := within(t, time.Minute)
	top, err := repo.Top()
	ok(t, err)
	unit, err := os.ReadFile(filepath.Join(top, "packaging", "vocoder-osd.service"))
	ok(t, err)
	file := filepath.Join(t.TempDir(), "vocoder-osd.service")
	ok(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(unit), "@BINDIR@", "/usr/local/bin")), 0o644))
	ok(t, m.Put(ctx, filepath.Join(top, "bin", "vocoder-osd"), "/usr/local/bin/vocoder-osd"))
	ok(t, m.Put(ctx, file, "/usr/local/lib/systemd/user/vocoder-osd.service"))
	ok(t, o.systemctl(ctx, "daemon-reload"))
	t.Cleanup(func() {
		if t.Failed() {
			out, err := m.Run(context.Background(), "journalctl -o short-monotonic -n 40 _SYSTEMD_USER_UNIT=vocoder-osd.service; systemctl --user -M alice@ status vocoder-osd")
			t.Logf("the overlay said (%v):\n%s", err, out)
		}
		_, err := m.Run(context.Background(), "systemctl --user -M alice@ stop vocoder; rm -f /usr/local/bin/vocoder-osd /usr/local/lib/systemd/user/vocoder-osd.service")
		ok(t, err)
	})
	o.startWith(t, strings.Replace(quiet, "key: KEY_F14\n", "", 1))
	o.hears(t)
	if got := o.show(t, "ActiveState"); got != "active" {
		t.Fatalf("the overlay's unit is %s", got)
	}
	return o
}

// show returns a property of the overlay's unit.
func (o *overlay) show(t *testing.T, property string) string {
	t.Helper()
	return strings.TrimSpace(text(m.As(within(t, time.Minute), "alice", "systemctl --user show vocoder-osd -P "+property))(t))
}

// ctl runs a command of vocoderctl.
func (o *overlay) ctl(t *testing.T, command string) {
	t.Helper()
	_, err := m.As(within(t, time.Minute), "alice", "vocoderctl "+command)
	ok(t, err)
}

// picture returns the screen. The last one of each test and each thing that is waited for is
// kept below out/overlay.
func (o *overlay) picture(t *testing.T, what string) image.Image {
	t.Helper()
	top, err := repo.Top()
	ok(t, err)
	path := filepath.Join(top, "out", "overlay", session()+"-"+strings.NewReplacer("/", "-", " ", "_").Replace(t.Name()+"-"+what)+".png")
	ok(t, os.MkdirAll(filepath.Dir(path), 0o755))
	ok(t, m.Screenshot(within(t, time.Minute), path))
	return readPNG(t, path)
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	ok(t, err)
	defer f.Close()
	img, err := png.Decode(f)
	ok(t, err)
	return img
}

// bars returns how high the bars of the meter are, in pixels, from the left: the last ones
// of what has their color in the row at the bottom of the screen that has most of it.
func bars(img image.Image) (heights []int) {
	is := func(x, y int) bool {
		r, g, b, _ := img.At(x, y).RGBA()
		near := func(got uint32, want int) bool { return math.Abs(float64(int(got>>8)-want)) < 12 }
		return near(r, 0xd5) && near(g, 0xd7) && near(b, 0xde)
	}
	size := img.Bounds().Size()
	middle, most := 0, 0
	for y := size.Y * 2 / 3; y < size.Y; y++ {
		n := 0
		for x := range size.X {
			if is(x, y) {
				n++
			}
		}
		if n > most {
			middle, most = y, n
		}
	}
	last := -2
	for x := range size.X {
		if most == 0 || !is(x, middle) {
			continue
		}
		n := 1
		for y := middle - 1; y >= 0 && is(x, y); y-- {
			n++
		}
		for y := middle + 1; y < size.Y && is(x, y); y++ {
			n++
		}
		if x == last+1 {
			heights[len(heights)-1] = max(heights[len(heights)-1], n)
		} else {
			heights = append(heights, n)
		}
		last = x
	}
	return heights[max(0, len(heights)-meterBars):]
}

// meterBars is how many bars of the meter a test looks at; it has 20.
const meterBars = 18

// sees waits until the bars on the screen are as wanted.
func (o *overlay) sees(t *testing.T, what string, wanted func(heights []int) bool) {
	t.Helper()
	ctx := within(t, 2*time.Minute)
	for {
		got := bars(o.picture(t, what))
		if wanted(got) {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("the bars are %v high, want %s", got, what)
		}
	}
}

func highest(heights []int) (most int) {
	for _, h := range heights {
		most = max(most, h)
	}
	return most
}

func flat(scale float64) func([]int) bool {
	return func(h []int) bool { return len(h) == meterBars && float64(highest(h)) <= 4.5*scale }
}

func loud(scale float64) func([]int) bool {
	return func(h []int) bool { return len(h) == meterBars && float64(highest(h)) >= 10*scale }
}

func none(h []int) bool { return len(h) < meterBars }

// tone returns a tone of 440 Hz.
func tone(d time.Duration) pcm.Clip {
	c := pcm.Clip{Rate: 16000}
	for i := range int(d.Seconds() * float64(c.Rate)) {
		c.Samples = append(c.Samples, int16(12000*math.Sin(2*math.Pi*440*float64(i)/float64(c.Rate))))
	}
	return c
}

// hum plays a tone until end is called.
func hum(t *testing.T) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p, err := m.StartPlay(ctx, tone(10*time.Minute))
	ok(t, err)
	return func() { cancel(); _ = p.Wait(context.Background()) } // it was ended
}

// says has words typed, which must arrive in the terminal that has the focus.
func (o *overlay) says(t *testing.T, words string) {
	t.Helper()
	ok(t, m.ClearTyped(within(t, time.Minute)))
	q := o.next(t)
	q.answer <- words
	o.types(t, words+" ")
}

// barsFollow: in silence the bars are dots, with a tone they are high. The words arrive in
// the terminal, and then nothing is shown.
func barsFollow(t *testing.T, o *overlay) {
	o.ctl(t, "start")
	o.sees(t, "dots", flat(1))
	end := hum(t)
	o.sees(t, "a tone", loud(1))
	end()
	o.ctl(t, "stop")
	o.says(t, "hello overlay")
	o.sees(t, "nothing", none)
}

// clickGoesThrough: a click at the overlay reaches the window below it.
func clickGoesThrough(t *testing.T, o *overlay) {
	ctx := within(t, 3*time.Minute)
	size := o.picture(t, "size").Bounds().Size()
	// It is black: the overlay's shadow on white has the color of the bars.
	below := follow(ctx, t, "alice", fmt.Sprintf("exec stdbuf -oL xev -rv -name below -geometry %dx160+%d+%d -event structure -event button",
		size.X/2, size.X/4, size.Y-160))
	below.until(t, contains("MapNotify"))
	o.ctl(t, "start")
	o.sees(t, "bars", func(h []int) bool { return len(h) == meterBars })
	ok(t, m.Click(ctx, .52, 1-48/float64(size.Y)))
	below.until(t, contains("ButtonPress"))
	below.until(t, contains("ButtonRelease"))
	o.sees(t, "bars", func(h []int) bool { return len(h) == meterBars })
	o.ctl(t, "cancel")
	_, err := m.As(ctx, "alice", "pkill -x xev")
	ok(t, err)
	if session() == "xorg" {
		onFocus(ctx, t, "typed")()
	}
	o.sees(t, "nothing", none)
}

// overlayScales: the overlay has the scale of the output.
func overlayScales(t *testing.T, o *overlay) {
	change := map[string]func(scale float64) string{
		"sway": func(scale float64) string { return swayCommand(fmt.Sprintf("output * scale %v", scale)) },
		"xorg": func(scale float64) string { return fmt.Sprintf("echo Xft.dpi: %v | xrdb -merge", 96*scale) },
		"kde": func(scale float64) string {
			return fmt.Sprintf(`sed -i 's/"scale": *[0-9.]*/"scale": %v/' ~/.config/kwinoutputconfig.json`, scale)
		},
	}[session()]
	if change == nil {
		t.Skip("this session has no command that changes the scale")
	}
	as := func(scale float64) {
		t.Helper()
		_, err := m.As(context.Background(), "alice", change(scale))
		ok(t, err)
		if session() == "kde" { // it reads the file when it starts
			o.serverAgain(t)
		}
	}
	defer hum(t)()
	for _, scale := range []float64{1.25, 1.6, 2, 1} {
		as(scale)
		o.ctl(t, "start")
		o.sees(t, fmt.Sprintf("high bars at scale %v", scale), loud(scale))
		o.ctl(t, "cancel")
		o.sees(t, "nothing", none)
	}
}

// twoOutputs: the overlay is on the output with the focus.
func twoOutputs(t *testing.T, o *overlay) {
	if session() != "sway" {
		t.Skip("only sway makes an output by a command")
	}
	defer hum(t)()
	ctx := within(t, 3*time.Minute)
	const outputs = "swaymsg -t get_outputs | jq -r '.[].name'"
	first := strings.TrimSpace(text(m.As(ctx, "alice", outputs))(t))
	_, err := m.As(ctx, "alice", swayCommand("create_output")) // it stays
	ok(t, err)
	second := strings.TrimSpace(text(m.As(ctx, "alice", outputs+" | grep HEADLESS"))(t))
	_, err = m.As(ctx, "alice", swayCommand("focus output "+second))
	ok(t, err)
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", swayCommand("focus output "+first))
		ok(t, err)
	})
	other := func() []int {
		t.Helper()
		_, err := m.As(ctx, "alice", "grim -o "+second+" /run/user/1000/other.png")
		ok(t, err)
		path := filepath.Join(t.TempDir(), "other.png")
		ok(t, m.Get(ctx, "/run/user/1000/other.png", path))
		return bars(readPNG(t, path))
	}
	o.ctl(t, "start")
	for !loud(1)(other()) {
		ok(t, ctx.Err())
	}
	if got := bars(o.picture(t, "no bars")); !none(got) {
		t.Errorf("the other output has bars too, %v high", got)
	}
	o.ctl(t, "cancel")
	_, err = m.As(ctx, "alice", swayCommand("focus output "+first))
	ok(t, err)
	o.ctl(t, "start")
	o.sees(t, "high bars on the first output", loud(1))
	if got := other(); !none(got) {
		t.Errorf("the output without the focus has bars, %v high", got)
	}
	o.ctl(t, "cancel")
	o.sees(t, "nothing", none)
}

// overlayIdle: for a minute in which nothing happens the overlay does nothing, and needs
// little memory. The monitor thread of Go's runtime wakes once a minute.
func overlayIdle(t *testing.T, o *overlay) {
	pid := o.show(t, "MainPID")
	pass(t, 5*time.Second)
	length := 15 * time.Second
	if sweeping() { // make sweep-overlay
		length = time.Minute
	}
	said := o.rig.do(t, fmt.Sprintf("rest %s %s", pid, length))
	var wakeups, switches int
	_, err := fmt.Sscan(said, &wakeups, &switches)
	ok(t, err)
	kib := strings.Fields(text(m.Run(within(t, time.Minute), "grep VmRSS /proc/"+pid+"/status"))(t))[1]
	t.Logf("%d wakeups in %v, %d switches, %s KiB resident", wakeups, length, switches, kib)
	if wakeups > 1 {
		t.Errorf("%d wakeups in %v, want that of the runtime's monitor alone", wakeups, length)
	}
	var n int
	if _, err := fmt.Sscan(kib, &n); err != nil || n > 12<<10 {
		t.Errorf("%s KiB resident, want at most 12 MiB", kib)
	}
}
