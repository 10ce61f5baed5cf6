package environ

import (
	"bufio"
	"cmp"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pulse are the settings of the clients of PulseAudio, which PipeWire's have too.
// Source: pulse-client.conf(5), pulseaudio(1).
type pulse struct{ server, cookie, source string }

// pulseIncludeDepth bounds files that include each other, and pulseFileSize a file in bytes.
const (
	pulseIncludeDepth = 8
	pulseFileSize     = 64 << 10
)

// read reads a file. Later lines win over earlier ones. What cannot be read has no settings.
func (p *pulse) read(file string, depth int) {
	f, err := os.Open(file)
	if err != nil {
		return
	}
	defer f.Close()
	for lines := bufio.NewScanner(io.LimitReader(f, pulseFileSize)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if i := strings.IndexAny(line, "#;"); i == 0 {
			continue
		}
		if included, ok := strings.CutPrefix(line, ".include "); ok && depth < pulseIncludeDepth {
			p.include(filepath.Dir(file), strings.TrimSpace(included), depth)
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		switch value = strings.TrimSpace(value); strings.TrimSpace(name) {
		case "default-server":
			p.server = value
		case "default-source":
			p.source = value
		case "cookie-file":
			p.cookie = value
		}
	}
}

// include reads a file, or the files of a folder whose names end in .conf.
func (p *pulse) include(dir, name string, depth int) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	if strings.HasSuffix(name, ".d") {
		p.readFolder(name, depth+1)
		return
	}
	p.read(name, depth+1)
}

func (p *pulse) readFolder(name string, depth int) {
	files, _ := filepath.Glob(filepath.Join(name, "*.conf")) // the pattern is valid
	slices.Sort(files)
	for _, file := range files {
		p.read(file, depth)
	}
}

// pulse returns the settings of the user, or those of the system.
func (e Env) pulse() (p pulse) {
	file := e.Var("PULSE_CLIENTCONFIG")
	if file != "" {
		p.read(file, 0)
		return p
	}
	for _, file := range []string{filepath.Join(e.ConfigHome(), "pulse", "client.conf"), filepath.Join(e.Var("HOME"), ".pulse", "client.conf"), "/etc/pulse/client.conf"} {
		if _, err := os.Stat(file); err == nil {
			p.read(file, 0)
			p.readFolder(file+".d", 0)
			break
		}
	}
	return p
}

// PulseServer returns the address of the sound server, as pactl finds it: $PULSE_SERVER,
// else default-server of client.conf, else the socket in the runtime folder. X11
// properties are not read.
func (e Env) PulseServer() string {
	if s := e.Var("PULSE_SERVER"); s != "" {
		return s
	}
	if s := e.pulse().server; s != "" {
		return s
	}
	dir := e.Var("PULSE_RUNTIME_PATH")
	if dir == "" {
		dir = filepath.Join(e.RuntimeDir(), "pulse")
	}
	return filepath.Join(dir, "native")
}

// PulseCookies returns the files that may have the secret with which a client shows a
// server that it may use it: $PULSE_COOKIE and cookie-file of client.conf, or the usual
// places.
func (e Env) PulseCookies() []string {
	for _, file := range []string{e.Var("PULSE_COOKIE"), e.pulse().cookie} {
		if file == "" {
			continue
		}
		if !filepath.IsAbs(file) { // as libpulse has it
			file = filepath.Join(e.ConfigHome(), "pulse", file)
		}
		return []string{file}
	}
	return []string{filepath.Join(e.ConfigHome(), "pulse", "cookie"), filepath.Join(e.Var("HOME"), ".pulse-cookie")}
}

// PulseSource returns the microphone that programs use which name none: $PULSE_SOURCE, else
// default-source of client.conf, else "" for the default of the server.
func (e Env) PulseSource() string {
	source := cmp.Or(e.Var("PULSE_SOURCE"), e.pulse().source)
	if source == "@DEFAULT_SOURCE@" {
		return ""
	}
	return source
}
