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
		{"stopped and killed", overlayStopped},
		{"idle", overlayIdle},
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

// picture returns the screen. The last one of each test is kept below out/overlay.
func (o *overlay) picture(t *testing.T) image.Image {
	t.Helper()
	top, err := repo.Top()
	ok(t, err)
	path := filepath.Join(top, "out", "overlay", session()+"-"+strings.NewReplacer("/", "-", " ", "-").Replace(t.Name())+".png")
	ok(t, os.MkdirAll(filepath.Dir(path), 0o755))
	ok(t, m.Screenshot(within(t, time.Minute), path))
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
		got := bars(o.picture(t))
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

// clickGoesThrough: a click at the overlay gives the focus to the window below it.
func clickGoesThrough(t *testing.T, o *overlay) {
	if session() != "sway" {
		t.Skip("only sway presses a button for a test")
	}
	ctx := within(t, 3*time.Minute)
	windows := follow(ctx, t, "alice", swayEvents(`["window"]`, "[.change, .container.name]"))
	windows.until(t, contains("subscribed"))
	_, err := m.As(ctx, "alice", swayCommand("focus_follows_mouse no", "splitv", "exec foot --title=below sleep 600"))
	ok(t, err)
	windows.until(t, contains("focus", "below"))
	_, err = m.As(ctx, "alice", swayCommand("focus up"))
	ok(t, err)
	o.ctl(t, "start")
	o.sees(t, "bars", func(h []int) bool { return len(h) == meterBars })
	size := o.picture(t).Bounds().Size()
	_, err = m.As(ctx, "alice", swayCommand(fmt.Sprintf("seat seat0 cursor set %d %d", size.X/2, size.Y-48), "seat seat0 cursor press button1", "seat seat0 cursor release button1"))
	ok(t, err)
	windows.until(t, contains("focus", "below"))
	o.sees(t, "bars", func(h []int) bool { return len(h) == meterBars })
	o.ctl(t, "cancel")
	_, err = m.As(ctx, "alice", swayCommand("[title=below] kill", "splith", "focus_follows_mouse yes"))
	ok(t, err)
	o.sees(t, "nothing", none)
}

// overlayScales: the overlay has the scale of the output.
func overlayScales(t *testing.T, o *overlay) {
	if session() != "sway" {
		t.Skip("only sway changes the scale by a command")
	}
	defer hum(t)()
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", swayCommand("output * scale 1"))
		ok(t, err)
	})
	for _, scale := range []float64{1.25, 1.6, 2} {
		_, err := m.As(within(t, time.Minute), "alice", swayCommand(fmt.Sprintf("output * scale %v", scale)))
		ok(t, err)
		o.ctl(t, "start")
		o.sees(t, fmt.Sprintf("high bars at scale %v", scale), loud(scale))
		o.ctl(t, "cancel")
		o.sees(t, "nothing", none)
	}
}

// overlayStopped: a dictation works while the overlay is stopped, and after it was killed.
// The service manager starts it again.
func overlayStopped(t *testing.T, o *overlay) {
	for _, signal := range []string{"STOP", "KILL"} {
		pid := o.show(t, "MainPID")
		o.ctl(t, "start")
		_, err := m.As(within(t, time.Minute), "alice", "kill -"+signal+" "+pid)
		ok(t, err)
		pass(t, time.Second)
		o.ctl(t, "stop")
		o.says(t, "typed all the same")
	}
	_, err := m.As(within(t, time.Minute), "alice", "until systemctl --user is-active -q vocoder-osd; do sleep .2; done")
	ok(t, err)
	o.ctl(t, "start")
	o.sees(t, "bars", func(h []int) bool { return len(h) == meterBars })
	o.ctl(t, "cancel")
	o.sees(t, "nothing", none)
}

// overlayIdle: for a minute in which nothing happens the overlay does nothing, and needs
// little memory. Go's runtime itself looks around once a minute.
func overlayIdle(t *testing.T, o *overlay) {
	pid := o.show(t, "MainPID")
	pass(t, 5*time.Second)
	said := o.rig.do(t, "rest "+pid+" 60s")
	var wakeups, switches int
	_, err := fmt.Sscan(said, &wakeups, &switches)
	ok(t, err)
	kib := strings.Fields(text(m.Run(within(t, time.Minute), "grep VmRSS /proc/"+pid+"/status"))(t))[1]
	t.Logf("%d wakeups in 60 s, %d switches, %s KiB resident", wakeups, switches, kib)
	if wakeups > 1 {
		t.Errorf("%d wakeups in 60 s, want none", wakeups)
	}
	var n int
	if _, err := fmt.Sscan(kib, &n); err != nil || n > 12<<10 {
		t.Errorf("%s KiB resident, want at most 12 MiB", kib)
	}
}
