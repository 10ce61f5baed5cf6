//go:build e2e

package e2e_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/shipped"
	"github.com/arealicehole/vocoder/internal/spell"
	"github.com/arealicehole/vocoder/internal/test/measure"
)

// A rival types a text that it is given as its last argument.
type rival struct {
	name, command, session string // for any session if empty
	asRoot                 bool
	floods                 bool // the terminal may not survive it
}

// Each command is that of the program's documentation. Programs that wait between
// characters also run without waiting.
var rivals = []rival{
	{"vocoder", "vocoder type --after 0s --typing-paste-limit 0 --typing-space none", "", false, false},
	{"ydotool", "ydotool type", "", true, false},
	{"wtype", "wtype", "sway", false, false},
	{"wtype -d 6", "wtype -d 6", "sway", false, false},
	{"xdotool", "xdotool type", "xorg", false, false},
	{"xdotool --delay 0", "xdotool type --delay 0", "xorg", false, false},
	{"ydotool --key-delay 0", "ydotool type --key-delay 0", "", true, true},
}

// TestBenchTyping has each program type a short and a long text into the same window.
// The difference of the times of the last byte does not include the start and the
// creation of the keyboard.
func TestBenchTyping(t *testing.T) {
	measure.Wanted(t)
	ctx := within(t, 15*time.Minute)
	ok(t, shipped.Install(ctx, m))
	names := []string{"ydotool"}
	if session() == "sway" {
		names = append(names, "wtype")
	}
	files, err := shipped.Packages(ctx, m, names...)
	ok(t, err)
	for _, f := range files {
		measure.Version(t, f)
	}
	if session() == "xorg" {
		measure.Version(t, strings.TrimSpace(text(m.Run(ctx, "dpkg-query -f 'xdotool_${Version}' -W xdotool"))(t)))
	}
	const short, long, rounds = 60, 1000, 5
	rates, wrong := map[string][]float64{}, map[string][]float64{}
	for _, r := range turns(rounds) {
		brief, w1 := contest(t, r, prose(latin, short))
		full, w2 := contest(t, r, prose(latin, long))
		rate := 0.0
		if full > brief {
			rate = (long - short) / (full - brief).Seconds()
		}
		rates[r.name] = append(rates[r.name], rate)
		wrong[r.name] = append(wrong[r.name], float64(w1+w2)/(short+long)*1000)
	}
	for name := range rates {
		measure.Tell(t, "rate, "+session()+": "+name, "characters/s", rates[name]...)
		measure.Tell(t, "wrong, "+session()+": "+name, "in 1000 characters", wrong[name]...)
	}
}

// turns returns the rivals of this session, one after the other in each round, so that a
// host that becomes slower does so for all. Programs that flood the terminal come last.
func turns(rounds int) (all []rival) {
	for _, floods := range []bool{false, true} {
		for range rounds {
			for _, r := range rivals {
				if r.floods == floods && (r.session == "" || r.session == session()) {
					all = append(all, r)
				}
			}
		}
	}
	return all
}

// contest returns the time from the start of a program to the last byte in the terminal,
// and how many characters are wrong, missing or additional. If the terminal has closed,
// all are wrong.
func contest(t *testing.T, r rival, want string) (time.Duration, int) {
	t.Helper()
	ctx := within(t, 2*time.Minute)
	if _, err := m.As(ctx, "alice", "test -e $(cat $XDG_RUNTIME_DIR/typed-tty)"); err != nil {
		t.Logf("%s: the terminal is gone", r.name)
		return 0, len(want)
	}
	ok(t, m.ClearTyped(ctx))
	user := "alice"
	if r.asRoot {
		user = "root"
	}
	// The terminal is done when it got nothing for a second and a half.
	out, err := m.As(ctx, user, fmt.Sprintf(`date +%%s.%%N; %s %s >/dev/null 2>&1
		f=/run/user/1000/typed; old=; while now=$(stat -c %%s $f); [ "$old" != "$now" ]; do old=$now; sleep 1.5; done; stat -c %%.9Y $f`, r.command, quoted(want)))
	ok(t, err)
	times := strings.Fields(out)
	if len(times) != 2 {
		t.Fatalf("%s: the times are %q", r.name, out)
	}
	began, err := strconv.ParseFloat(times[0], 64)
	ok(t, err)
	last, err := strconv.ParseFloat(times[1], 64)
	ok(t, err)
	got := text(m.Typed(ctx))(t)
	wrong := spell.Distance([]rune(got), []rune(want))
	t.Logf("%s: %d characters, %d wrong, %.2f s", r.name, len(want), wrong, last-began)
	return time.Duration((last - began) * float64(time.Second)), wrong
}
