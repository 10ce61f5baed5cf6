package packaging_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/tty"
)

// completed are typed command lines, and the arguments that the program then gets. ~ is the
// Tab key. The only file in the folder is settings.yaml.
var completed = []struct{ line, want string }{
	{"vocoder trans~", "transcribe"},
	{"vocoder config mig~sett~", "config migrate settings.yaml"},
	{"vocoder transcribe sett~", "transcribe settings.yaml"},
	{"vocoder keys sett~", "keys sett"}, // its argument is no file
	{"vocoder run --max-d~", "run --max-duration"},
	{"vocoder run --config sett~", "run --config settings.yaml"},
	{"vocoder run --typing-newline sh~", "run --typing-newline shift-enter"},
	{"vocoder run --typing-newline=sh~", "run --typing-newline=shift-enter"},
	{"vocoder run --whisper-dialect wh~", "run --whisper-dialect whispercpp"},
	{"vocoder run --whisper-dialect sett~", "run --whisper-dialect sett"},
	{"vocoder run --key KEY_RIGHTC~", "run --key KEY_RIGHTCTRL"},
	{"vocoder setup --start lo~", "setup --start login"},
	{"vocoder config set typing.pac~bri~", "config set typing.pace brisk"},

	{"vocoderctl paus~", "pause"},
	{"vocoderctl pause sett~", "pause sett"},
	{"vocoderctl status --js~", "status --json"},
	{"vocoderctl watch --format wa~", "watch --format waybar"},
	{"vocoderctl watch --format=i3~", "watch --format=i3status"},
	{"vocoderctl --socket sett~", "--socket settings.yaml"},

	{"vocoder-engine models ver~", "models verify"},
	{"vocoder-engine models pull moonshine-t~", "models pull moonshine-tiny-en"},
	{"vocoder-engine serve --model whisper-small-~", "serve --model whisper-small-en"},
	{"vocoder-engine serve --pre~", "serve --preload"},
	{"vocoder-engine serve sett~", "serve sett"},
}

// TestManualShells: the manual pages name the shells for which there is a completion, and no
// other one.
func TestManualShells(t *testing.T) {
	pages, err := filepath.Glob("*.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		_, named, has := strings.Cut(string(text), "Print a completion script for ")
		if named, _, _ = strings.Cut(named, "."); has && named != "bash, zsh or fish" {
			t.Errorf("%s: %s", page, named)
		}
	}
}

// shells are the interactive shells: the file of a program's completion in the data folder,
// the arguments of the shell, and a file that it reads at its start. The shell writes a line
// to the pipe $EVENTS at each prompt.
var shells = []struct {
	name, completion string
	args             []string
	file, text       string
}{
	{"bash", "bash-completion/completions/%s", []string{"--noprofile", "--rcfile", "rc", "-i"}, "rc", `
if [ -r /usr/share/bash-completion/bash_completion ]; then
	. /usr/share/bash-completion/bash_completion
else # the part that is needed here
	_get_comp_words_by_ref() {
		read -ra words <<< "$COMP_LINE"
		[[ $COMP_LINE == *' ' ]] && words+=('')
		cword=$((${#words[@]} - 1)) cur=${words[-1]} prev=${words[-2]}
	}
	for f in "$XDG_DATA_HOME"/bash-completion/completions/*; do . "$f"; done
fi
PROMPT_COMMAND='echo prompt > "$EVENTS"'
`},
	{"zsh", "zsh/site-functions/_%s", []string{"-i"}, ".zshrc", `
fpath=("$XDG_DATA_HOME/zsh/site-functions" $fpath)
autoload -Uz compinit && compinit -u -D
precmd() { echo prompt > "$EVENTS" }
`},
	{"fish", "fish/vendor_completions.d/%s.fish", []string{"-i"}, ".config/fish/config.fish", `
function report --on-event fish_prompt; echo prompt > "$EVENTS"; end
`},
}

// TestShells checks that real shells load the completions that the programs print. They must
// complete commands, flags, values and files, and offer files only where a file is expected.
// The program must get the complete arguments.
func TestShells(t *testing.T) {
	programs := build(t)
	for _, s := range shells {
		t.Run(s.name, func(t *testing.T) {
			path, err := exec.LookPath(s.name)
			switch {
			case err != nil && os.Getenv("VOCODER_SHELLS") == "":
				t.Skipf("there is no %s here; make test-shells installs it", s.name)
			case err != nil:
				t.Fatal(err)
			}
			home, data := t.TempDir(), t.TempDir()
			write(t, filepath.Join(home, s.file), s.text)
			write(t, filepath.Join(home, "settings.yaml"), "")
			for name, program := range programs {
				script, err := exec.Command(program, "completion", s.name).Output()
				if err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join(data, fmt.Sprintf(s.completion, name)), string(script))
			}
			d := startShell(t, exec.Command(path, s.args...), home, data, programs)
			for _, tt := range completed {
				if name, _, _ := strings.Cut(tt.line, " "); programs[name] == "" {
					continue
				}
				if got := d.enter(tt.line); got != tt.want {
					t.Errorf("%q: the program gets %q, want %q", tt.line, got, tt.want)
				}
			}
		})
	}
}

// build returns the paths of the programs, by their names. Without a C compiler there is no
// engine.
func build(t *testing.T) map[string]string {
	t.Helper()
	to, programs := t.TempDir(), map[string]string{}
	for name, in := range map[string]string{"vocoder": "..", "vocoderctl": "..", "vocoder-engine": "../engine"} {
		if _, err := exec.LookPath("cc"); err != nil && name == "vocoder-engine" && os.Getenv("VOCODER_SHELLS") == "" {
			t.Log("without vocoder-engine: ", err)
			continue
		}
		programs[name] = filepath.Join(to, name)
		if out, err := exec.Command("go", "build", "-C", in, "-o", programs[name], "./cmd/"+name).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return programs
}

// A terminal is a terminal with a shell.
type terminal struct {
	t      *testing.T
	keys   *os.File      // the keyboard
	events *bufio.Reader // a line for each prompt, and the arguments of each command
	screen *bytes.Buffer
}

// startShell starts a shell in the folder home. There the programs only report their
// arguments, unless a completion calls them.
func startShell(t *testing.T, shell *exec.Cmd, home, data string, programs map[string]string) *terminal {
	t.Helper()
	pipe := filepath.Join(home, "events")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	events, err := os.OpenFile(pipe, os.O_RDWR|syscall.O_NONBLOCK, 0) // fifo(7): it waits for no writer
	if err != nil {
		t.Fatal(err)
	}
	for name, program := range programs {
		write(t, filepath.Join(home, "bin", name), `#!/bin/sh
case $1 in __complete*) exec `+program+` "$@" ;; esac
echo "$*" > "$EVENTS"
`)
	}
	master, pts := tty.Open(t)
	tty.Resize(t, master, 200)
	shell.Dir, shell.Stdin, shell.Stdout, shell.Stderr = home, pts, pts, pts
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	shell.Env = []string{"HOME=" + home, "XDG_DATA_HOME=" + data, "EVENTS=" + pipe, "TERM=xterm", "LANG=C.UTF-8",
		"PATH=" + filepath.Join(home, "bin") + ":" + os.Getenv("PATH")}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	d := &terminal{t: t, keys: master, events: bufio.NewReader(events), screen: new(bytes.Buffer)}
	seen := make(chan struct{})
	go func() {
		_, _ = d.screen.ReadFrom(master) // it ends with EIO when the shell has
		close(seen)
	}()
	t.Cleanup(func() {
		_ = shell.Process.Kill() // it may have ended
		_ = shell.Wait()         // killed
		_ = pts.Close()
		<-seen
		if t.Failed() {
			t.Logf("the terminal: %q", d.screen)
		}
		_ = events.Close()
	})
	if err := events.SetReadDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	d.next()
	return d
}

// next returns the next event.
func (d *terminal) next() string {
	d.t.Helper()
	line, err := d.events.ReadString('\n')
	if err != nil {
		d.t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// enter types a line, with ~ for the Tab key, and returns the arguments of the program.
func (d *terminal) enter(line string) string {
	d.t.Helper()
	if _, err := d.keys.WriteString(strings.ReplaceAll(line, "~", "\t") + "\r"); err != nil {
		d.t.Fatal(err)
	}
	got := d.next()
	if got != "prompt" { // otherwise the program did not run
		d.next()
	}
	return got
}
