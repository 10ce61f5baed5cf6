//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// copying returns the command that copies standard input to the clipboard.
func copying() string {
	if session() == "sway" {
		return "wl-copy -n"
	}
	return "xclip -selection clipboard -i"
}

// session returns the machine's session: sway, xorg, gnome or kde.
func session() string {
	if s := os.Getenv("VOCODER_MACHINE_SESSION"); s != "" && s != withApplications {
		return s
	}
	return "sway"
}

// withApplications names sway with the applications of docs/applications.md.
const withApplications = "applications"

// swayTalk is a program that speaks to sway as swaymsg(1) does, but waits for each answer
// without a limit; swaymsg gives up after 3 s. Source: sway-ipc(7).
const swayTalk = `my $s = IO::Socket::UNIX->new($ENV{SWAYSOCK}) or die "connect to sway: $!\n"; $| = 1;
	sub answer { read($s, my $head, 14) == 14 or die "sway closed the connection\n"; read $s, my $text, unpack("x6L", $head); $text }
	my $type = shift;
	for (@ARGV) {
		print $s "i3-ipc", pack("LL", length, $type), $_; $s->flush;
		my $got = answer; $got =~ /"success": *true/ or die "$_: $got\n";
	}`

// swayCommand returns a shell command that makes sway run commands one after the other.
func swayCommand(commands ...string) string {
	line := "perl -MIO::Socket::UNIX -e " + quoted(swayTalk) + " 0"
	for _, c := range commands {
		line += " " + quoted(c)
	}
	return line
}

// swayEvents returns a shell command that prints "subscribed", and then what jq selects
// of each of sway's events of some kinds.
func swayEvents(kinds, selection string) string {
	return "perl -MIO::Socket::UNIX -e " + quoted(swayTalk+` print "{\"change\":\"subscribed\"}\n"; print answer(), "\n" while 1;`) +
		" 2 " + quoted(kinds) + " | jq --unbuffered -c " + quoted(selection)
}

// asXKB returns a command that sets the layout of every keyboard. In the X session it must
// run when the virtual keyboard of a waiting `vocoder type` exists, because a new keyboard
// gets the server's own layout.
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

// american restores the layout of the keyboards.
func american(t *testing.T) {
	t.Helper()
	_, err := m.As(context.Background(), "alice", asXKB("us", ""))
	ok(t, err)
}

// onFocus returns a function that waits until a window that opens later has the keyboard.
func onFocus(ctx context.Context, t *testing.T, title string) func() {
	t.Helper()
	if session() != "sway" {
		return func() {
			t.Helper()
			_, err := m.As(ctx, "alice", fmt.Sprintf("xdotool search --sync --onlyvisible --name '^%s$' windowfocus --sync", title))
			ok(t, err)
		}
	}
	windows := follow(ctx, t, "alice", swayEvents(`["window"]`, "[.change, .container.name]"))
	windows.until(t, contains("subscribed"))
	return func() { t.Helper(); windows.until(t, contains("focus", title)) }
}
