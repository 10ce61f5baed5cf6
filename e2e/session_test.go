//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// copying is the command that puts standard input in the clipboard.
func copying() string {
	if session() == "sway" {
		return "wl-copy -n"
	}
	return "xclip -selection clipboard -i"
}

// session is what the machine runs: sway or xorg.
func session() string {
	if s := os.Getenv("VOCODER_MACHINE_SESSION"); s != "" {
		return s
	}
	return "sway"
}

// swayCommand returns a shell command that makes sway run commands one after the other.
// It waits for each answer without a limit; swaymsg(1) gives up after 3 s. Source:
// sway-ipc(7).
func swayCommand(commands ...string) string {
	const send = `my $s = IO::Socket::UNIX->new($ENV{SWAYSOCK}) or die "connect to sway: $!\n";
		for (@ARGV) {
			print $s "i3-ipc", pack("LL", length, 0), $_; $s->flush;
			my ($head, $answer); read($s, $head, 14) == 14 or die "sway closed the connection\n";
			read $s, $answer, unpack("x6L", $head); $answer =~ /"success": *true/ or die "$_: $answer\n";
		}`
	line := "perl -MIO::Socket::UNIX -e " + quoted(send)
	for _, c := range commands {
		line += " " + quoted(c)
	}
	return line
}

// asXKB has every keyboard take a layout: now under sway, and in the X session
// once the virtual one of a waiting `vocoder type` is there too, since a new
// keyboard has the server's own.
func asXKB(layout, variant string) string {
	if session() == "sway" {
		return swayCommand(`input type:keyboard xkb_variant ""`,
			fmt.Sprintf("input type:keyboard xkb_layout %q", layout), fmt.Sprintf("input type:keyboard xkb_variant %q", variant))
	}
	return fmt.Sprintf("setxkbmap -layout %q -variant %q", layout, variant)
}

// onceThere returns a command that runs in the background. It waits until the X server
// has a virtual keyboard that was created after it began, and then runs the given
// command.
func onceThere(command string) string {
	const log = "$HOME/.local/share/xorg/Xorg.0.log"
	return "from=$(stat -c %s " + log + "); { grep -qm1 'Adding input device vocoder keyboard' <(tail -c +$((from+1)) -F " + log + ") && " +
		command + "; } & "
}

// american gives the keyboards back their layout.
func american(t *testing.T) {
	t.Helper()
	_, err := m.As(context.Background(), "alice", asXKB("us", ""))
	ok(t, err)
}

// onFocus returns what waits until a window that comes later has the keyboard.
func onFocus(ctx context.Context, t *testing.T, title string) func() {
	t.Helper()
	if session() != "sway" {
		return func() {
			t.Helper()
			_, err := m.As(ctx, "alice", fmt.Sprintf("xdotool search --sync --onlyvisible --name '^%s$' windowfocus --sync", title))
			ok(t, err)
		}
	}
	windows := follow(ctx, t, "alice", `exec swaymsg -r -t subscribe -m '["tick","window"]' | jq --unbuffered -c '[.change // "subscribed", .container.name]'`)
	windows.until(t, contains("subscribed"))
	return func() { t.Helper(); windows.until(t, contains("focus", title)) }
}
