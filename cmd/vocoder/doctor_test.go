package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/linux/systemd"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/inject/layout"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/session"
	"github.com/arealicehole/vocoder/internal/usage"
)

// A ward is a made-up machine on which everything is well, and what a case
// does to it.
type ward struct {
	*patient
	t      *testing.T
	denied map[string]error // what may not be opened
	state  layout.State
	mics   []capture.Source
	keys   []evdev.Device
	heard  capture.Problem
	paste  error
	seat   session.State
	unit   systemd.UnitState
	status control.Status
	silent error // why the daemon does not answer
}

func newWard(t *testing.T) *ward {
	w := &ward{t: t, denied: map[string]error{}}
	w.patient = &patient{app: &app{Env: environ.Env{Lookup: func(string) (string, bool) { return "", false }}}, root: t.TempDir(), home: "/home/alice", runtime: "/run/user/1000", name: "alice", uid: 1000, cfg: settings.Default()}
	w.usual.URL = "http://127.0.0.1:1/v1/transcribe" // nobody listens there
	w.file = filepath.Join(w.root, "vocoder.yaml")
	w.write("/dev/uinput", "")
	w.write("/sys/class/misc/uinput", "")
	w.write("/proc/sys/kernel/osrelease", "6.1.0\n")
	w.write("/lib/modules/6.1.0/modules.dep", "")
	w.write("/etc/group", "root:x:0:\naudio:x:29:alice,bob\n")
	w.write("/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/init.scope/cgroup.procs", "77\n78\n")
	w.write("/proc/77/status", "Name:\tsystemd\nGid:\t1000\t1000\t1000\t1000\nGroups:\t29 1000 \n")
	w.write("/usr/bin/pactl", "")
	w.write("/usr/bin/Xwayland", "")
	w.write("/usr/lib/systemd/user/pipewire-pulse.socket", "")
	w.patient.open = func(path string, flag int) error {
		if err := w.denied[strings.TrimPrefix(path, w.root)]; err != nil {
			return &fs.PathError{Op: "open", Path: path, Err: err}
		}
		f, err := os.OpenFile(path, flag, 0)
		if err == nil {
			err = f.Close()
		}
		return err
	}
	w.keys = []evdev.Device{{Path: "/dev/input/event0", Name: "AT keyboard", Keys: evdev.SetOf(1, 30, 97)}}
	w.mics = []capture.Source{{Name: "mic", Description: "Webcam", Default: true}, {Name: "out.monitor", Description: "Monitor", Monitor: true}}
	w.state = layout.State{Map: keymap.US(), Desktop: layout.Desktop{Name: "sway"}, From: layout.Origins{Map: "wayland", Group: "sway"}}
	w.seat = session.State{InUse: true}
	w.unit = systemd.UnitState{Load: "loaded", Active: "active", File: "enabled"}
	w.status = control.Status{Key: "KEY_RIGHTCTRL", Version: usage.Version()}
	w.devices = func() ([]evdev.Device, error) { return w.keys, nil }
	w.sources = func(context.Context) ([]capture.Source, error) {
		if w.mics == nil {
			return nil, capture.ErrServer
		}
		return w.mics, nil
	}
	w.listen = func(context.Context) (capture.Problem, error) { return w.heard, nil }
	w.layout = func(context.Context) (layout.State, error) {
		if w.state.Desktop.Name == "" {
			return w.state, layout.ErrNoDesktop
		}
		return w.state, nil
	}
	w.clipboard = func(context.Context) error { return w.paste }
	w.patient.session = func(context.Context) (session.State, error) {
		if w.seat == (session.State{}) {
			return w.seat, errors.New("no bus")
		}
		return w.seat, nil
	}
	w.patient.unit = func(context.Context, string) (systemd.UnitState, error) {
		if w.unit == (systemd.UnitState{}) {
			return w.unit, errors.New("no bus")
		}
		return w.unit, nil
	}
	w.daemon = func(context.Context) (control.Status, error) { return w.status, w.silent }
	w.serve("/v1/transcribe", "")
	return w
}

func (w *ward) write(path, text string) {
	w.t.Helper()
	path = w.at(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *ward) remove(path string) {
	w.t.Helper()
	if err := os.RemoveAll(w.at(path)); err != nil {
		w.t.Fatal(err)
	}
}

// mask masks a unit in a folder.
func (w *ward) mask(dir, unit string) {
	w.t.Helper()
	if err := os.MkdirAll(w.at(dir), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Symlink("/dev/null", filepath.Join(w.at(dir), unit)); err != nil {
		w.t.Fatal(err)
	}
}

// serve makes a real server the recogniser, which answers at a path and, if it
// is not empty, has only that model. It returns the server's origin.
func (w *ward) serve(path, model string) string {
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != path:
			http.NotFound(rw, r)
		case r.Method == http.MethodGet:
			rw.WriteHeader(http.StatusMethodNotAllowed)
		case model != r.FormValue("model") && model != "": // FormValue parses the form
			rw.Header().Set("Content-Type", "application/json")
			rw.WriteHeader(http.StatusNotFound)
			fmt.Fprint(rw, `{"error":{"message":"the model does not exist","code":"model_not_found"}}`)
		case r.MultipartForm == nil || r.MultipartForm.File["file"] == nil:
			rw.WriteHeader(http.StatusUnprocessableEntity)
		default:
			rw.Header().Set("Content-Type", "application/json")
			fmt.Fprint(rw, `{"text":"hum"}`)
		}
	}))
	w.t.Cleanup(s.Close)
	w.cfg.Whisper[0].URL = s.URL + path
	return s.URL
}

// speaks makes a server the recogniser that answers at a path, knows these
// languages and refuses others. It names them as vocoder-engine does, unless it has
// a list of models instead, as servers of OpenAI's kind do.
func (w *ward) speaks(path, languages string, models ...string) {
	knows := strings.Fields(languages)
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		code := r.FormValue("language") // parses the form
		switch {
		case r.URL.Path == "/health" && len(models) == 0:
			_ = json.NewEncoder(rw).Encode(map[string]any{"status": "ok", "languages": knows})
		case r.URL.Path == "/v1/models":
			var data []map[string]string
			for _, id := range models {
				data = append(data, map[string]string{"id": id})
			}
			_ = json.NewEncoder(rw).Encode(map[string]any{"object": "list", "data": data})
		case r.URL.Path != path:
			http.NotFound(rw, r)
		case r.MultipartForm == nil || r.MultipartForm.File["file"] == nil:
			rw.WriteHeader(http.StatusUnprocessableEntity)
		case code != "" && len(models) == 0 && !slices.Contains(knows, code):
			rw.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(rw, `{"error":{"message":"it does not know that","param":"language","code":"unsupported_language"}}`)
		default:
			fmt.Fprint(rw, `{"text":"hum"}`)
		}
	}))
	w.t.Cleanup(s.Close)
	w.cfg.Whisper[0].URL = s.URL + path
}

// locale is that of the terminal in which doctor runs.
func (w *ward) locale(name string) {
	w.app.Lookup = func(of string) (string, bool) { return map[string]string{"LANG": name}[of], of == "LANG" }
}

// refuse makes a server that answers everything with a status the recogniser.
func (w *ward) refuse(status int) {
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) }))
	w.t.Cleanup(s.Close)
	w.cfg.Whisper[0].URL = s.URL + "/v1/transcribe"
}

// secure makes a server the recogniser whose certificate nobody vouches for.
func (w *ward) secure() {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of each who does not trust it
	w.t.Cleanup(s.Close)
	w.cfg.Whisper[0].URL = s.URL + "/v1/transcribe"
}

// help installs the helper and, if it is to run, has it listen.
func (w *ward) help(runs bool) {
	w.t.Helper()
	w.write("/usr/lib/systemd/system/"+systemd.HelperSocket, "")
	w.write("/usr/lib/systemd/system/"+systemd.HelperService, "")
	if !runs {
		return
	}
	path := w.at(helperSocket)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: path, Net: "unixpacket"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = l.Close() })
}

// deny takes from the user the right to open devices, as it is where there is a
// helper.
func (w *ward) deny() {
	w.denied["/dev/uinput"] = fs.ErrPermission
	w.keys[0].Err = fs.ErrPermission
}

func (w *ward) set(name, value string) {
	w.t.Helper()
	cfg, _, err := settings.Of(config.Source{Flags: map[string]string{name: value, "whisper_url": w.cfg.Whisper[0].URL}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.cfg = cfg
}

var healthy = []struct {
	name  string
	state func(*ward)
}{
	{"as installed", func(*ward) {}},
	{"settings are there", func(w *ward) { w.write("/vocoder.yaml", "key: KEY_RIGHTCTRL\n") }},
	{"with the helper", func(w *ward) {
		w.help(true)
		w.deny()
	}},
	{"directly beside the helper", func(w *ward) { w.help(false); w.set("devices", "direct") }},
	{"not a unit", func(w *ward) { w.unit = systemd.UnitState{} }},
	{"recogniser was away when the daemon last asked", func(w *ward) { w.status.Lacks = map[string]string{"recogniser": "away"} }},
	{"a text console with a layout set", func(w *ward) { w.set("typing.layout", "us"); w.state.Desktop.Name = "" }},
	{"an input method", func(w *ward) { w.state.IME, w.state.Map = "mozc", nil }},
	{"a group not in effect that is not needed", func(w *ward) { w.write("/etc/group", "vboxusers:x:120:alice\n") }},
	{"a Spanish session, a recogniser for many languages", func(w *ward) { w.speaks("/v1/transcribe", "en es de"); w.locale("es_MX.UTF-8") }},
	{"a Spanish session, a server that tells nothing", func(w *ward) { w.locale("es_MX.UTF-8") }},
	{"an English session, an English model", func(w *ward) { w.speaks("/v1/transcribe", "en"); w.locale("en_US.UTF-8") }},
	{"no locale, an English model", func(w *ward) { w.speaks("/v1/transcribe", "en") }},
	{"a Spanish terminal, an English daemon and model", func(w *ward) {
		w.speaks("/v1/transcribe", "en")
		w.locale("es_MX.UTF-8")
		w.status.Language = "en"
	}},
	{"a Spanish session, one of the models for it", func(w *ward) {
		w.speaks("/v1/audio/transcriptions", "", "base.en", "base")
		w.locale("es_MX.UTF-8")
	}},
	{"another device denied", func(w *ward) {
		w.keys = append(w.keys, evdev.Device{Path: "/dev/input/event1", Name: "Mouse", Keys: evdev.SetOf(97), Err: fs.ErrPermission})
	}},
}

func TestDoctorHealthy(t *testing.T) {
	for _, tt := range healthy {
		t.Run(tt.name, func(t *testing.T) {
			w := newWard(t)
			tt.state(w)
			for _, f := range w.examine(t.Context(), func(finding) {}) {
				if f.Health != well || f.Mend != "" {
					t.Errorf("%s: %s: %s -> %s", f.Link, f.Health, f.Says, f.Mend)
				}
			}
		})
	}
}

// brokenSetups are one fault each: the link that is found, how bad it is, and
// what is in the command that mends it.
var brokenSetups = []struct {
	name   string
	fault  func(*ward)
	link   string
	health health
	mend   string
}{
	{"settings typo", func(w *ward) { w.settings = &config.Error{Place: "v.yaml:1:1", Msg: "unknown setting"} }, "settings", broken, "/vocoder.yaml"},
	{"a letter bound", func(w *ward) { w.settings = fmt.Errorf("bind KEY_A: %w", evdev.ErrWrites) }, "settings", broken, "vocoder keys --learn"},
	{"module out", func(w *ward) { w.remove("/dev/uinput"); w.remove("/sys/class/misc/uinput") }, "module", broken, "sudo modprobe uinput"},
	{"kernel updated", func(w *ward) {
		w.remove("/dev/uinput")
		w.remove("/sys/class/misc/uinput")
		w.remove("/lib/modules/6.1.0")
	}, "module", broken, "sudo reboot"},
	{"node mode", func(w *ward) { w.denied["/dev/uinput"] = fs.ErrPermission }, "node", broken, `KERNEL=="uinput"`},
	{"group not in effect", func(w *ward) {
		w.denied["/dev/uinput"] = fs.ErrPermission
		w.write("/etc/group", fmt.Sprintf("uinput:x:%d:alice\n", os.Getgid()))
	}, "node", broken, "sudo systemctl restart user@1000.service"},
	{"helper masked", func(w *ward) { w.help(false); w.mask("/etc/systemd/system", systemd.HelperSocket); w.deny() }, "helper", broken, "sudo systemctl unmask vocoder-inputd.socket"},
	{"helper service masked", func(w *ward) { w.help(true); w.mask("/etc/systemd/system", systemd.HelperService) }, "helper", broken, "sudo systemctl unmask vocoder-inputd.service"},
	{"helper not started", func(w *ward) { w.help(false); w.deny() }, "helper", broken, "sudo systemctl enable --now vocoder-inputd.socket"},
	{"helper not started, and not needed", func(w *ward) { w.help(false) }, "helper", doubtful, "sudo systemctl enable --now vocoder-inputd.socket"},
	{"helper gone from its socket", func(w *ward) { w.help(false); w.write(helperSocket, "") }, "helper", broken, "sudo systemctl restart vocoder-inputd.socket"},
	{"helper wanted but not installed", func(w *ward) { w.set("devices", "helper") }, "helper", broken, "vocoder config set devices auto"},
	{"in group input though helped", func(w *ward) { w.help(true); w.write("/etc/group", "input:x:104:alice\n") }, "groups", doubtful, "sudo gpasswd -d alice input"},
	{"wrong key", func(w *ward) { w.set("key", "KEY_F24") }, "key", broken, "vocoder keys --learn"},
	{"pedal unplugged", func(w *ward) { w.set("device", "05f3:00ff") }, "key", broken, "vocoder devices"},
	{"keyboard denied", func(w *ward) { w.keys[0].Err = fs.ErrPermission }, "key", broken, `KERNEL=="event*"`},
	{"only our own keyboard", func(w *ward) { w.keys[0].Virtual, w.keys[0].Name = true, inject.Name }, "key", broken, "vocoder keys --learn"},
	{"a whole keyboard to be grabbed", func(w *ward) { w.set("grab", "true"); w.keys[0].Keys = allKeys() }, "key", doubtful, "vocoder config set grab false"},
	{"no sound server", func(w *ward) { w.mics = nil }, "microphone", broken, "systemctl --user restart pipewire-pulse.socket"},
	{"sound server masked", func(w *ward) { w.mics = nil; w.mask("/etc/systemd/user", "pipewire-pulse.socket") }, "microphone", broken, "systemctl --user unmask pipewire-pulse.socket"},
	{"no sound server installed", func(w *ward) { w.mics = nil; w.remove("/usr/lib/systemd/user") }, "microphone", broken, "sudo apt install pipewire-pulse"},
	{"microphone muted", func(w *ward) { w.mics[0].Muted = true }, "microphone", broken, "pactl set-source-mute mic 0"},
	{"muted, without pactl", func(w *ward) { w.mics[0].Muted = true; w.remove("/usr/bin/pactl"); w.write("/usr/bin/wpctl", "") }, "microphone", broken, "wpctl set-mute @DEFAULT_AUDIO_SOURCE@ 0"},
	{"volume zero", func(w *ward) { w.mics[0].Volume = math.Inf(-1) }, "microphone", broken, "pactl set-source-volume mic 100%"},
	{"monitor default", func(w *ward) { w.mics[0].Default = false; w.mics[1].Default = true }, "microphone", broken, "pactl set-default-source mic"},
	{"no microphone", func(w *ward) { w.mics = w.mics[1:]; w.mics[0].Default = true }, "microphone", broken, "vocoder sources"},
	{"named microphone away", func(w *ward) { w.set("audio.source", "Headset") }, "microphone", broken, `vocoder config set audio.source ""`},
	{"microphone switched off", func(w *ward) { w.heard = capture.Silent }, "microphone", broken, "pavucontrol"},
	{"microphone too loud", func(w *ward) { w.heard = capture.Clipping }, "microphone", doubtful, "pactl set-source-volume mic 50%"},
	{"microphone stalled", func(w *ward) { w.heard = capture.Stalled }, "microphone", broken, "systemctl --user restart pipewire-pulse.socket"},
	{"recogniser down", func(w *ward) { w.cfg.Whisper[0].URL = "http://127.0.0.1:1/v1/transcribe" }, "recogniser", broken, "vocoder-engine serve"},
	{"engine not enabled", func(w *ward) {
		w.write("/usr/lib/systemd/user/vocoder-engine.socket", "")
		w.cfg.Whisper[0].URL = "http://127.0.0.1:1/v1/transcribe"
	}, "recogniser", broken, "systemctl --user enable --now vocoder-engine.socket"},
	{"recogniser down, the engine is there", func(w *ward) {
		w.usual.URL = w.cfg.Whisper[0].URL
		w.cfg.Whisper[0].URL = "http://127.0.0.1:1/v1/transcribe"
	}, "recogniser", broken, "vocoder config set whisper_url http://127.0.0.1:"},
	{"recogniser at another path", func(w *ward) { w.cfg.Whisper[0].URL = w.serve("/v1/audio/transcriptions", "") + "/api/v1/transcribe" }, "recogniser", broken, "vocoder config set whisper_url http://127.0.0.1"},
	{"recogniser of another dialect", func(w *ward) { w.serve("/inference", ""); w.cfg.Whisper[0].Dialect = "asr" }, "recogniser", broken, `vocoder config set whisper.dialect ""`},
	{"no recogniser at that port", func(w *ward) { w.serve("/", "") }, "recogniser", broken, "vocoder setup"},
	{"recogniser lacks the model", func(w *ward) { w.serve("/v1/audio/transcriptions", "whisper-1"); w.cfg.Whisper[0].Model = "huge" }, "recogniser", broken, `vocoder config set whisper.model ""`},
	{"API key refused", func(w *ward) { w.refuse(http.StatusUnauthorized) }, "recogniser", broken, "vocoder config set whisper.key_file /"},
	{"certificate not trusted", func(w *ward) { w.secure() }, "recogniser", broken, "vocoder config set whisper.ca_file /"},
	{"vocabulary away", func(w *ward) { w.cfg.Text.Vocabulary = w.at("/words") }, "recogniser", broken, "/vocoder.yaml"},
	{"recogniser far away without https", func(w *ward) { w.cfg.Whisper[0].URL = "http://gpu.example/v1/transcribe" }, "recogniser", broken, "/vocoder.yaml"},
	{"key file readable by others", func(w *ward) { w.write("/key", "secret"); w.cfg.Whisper[0].KeyFile = w.at("/key") }, "recogniser", broken, "chmod 600 "},
	{"key file away", func(w *ward) { w.cfg.Whisper[0].KeyFile = w.at("/key") }, "recogniser", broken, "install -m 600 /dev/stdin "},
	{"Spanish session, English engine", func(w *ward) { w.speaks("/v1/transcribe", "en"); w.locale("es_MX.UTF-8") }, "recogniser", doubtful, "vocoder-engine models pull whisper-base"},
	{"Spanish session, English engine as a unit", func(w *ward) {
		w.write("/usr/lib/systemd/user/vocoder-engine.service", "")
		w.speaks("/v1/transcribe", "en")
		w.locale("es_MX.UTF-8")
	}, "recogniser", doubtful, "vocoder-engine models pull whisper-base && systemctl --user restart vocoder-engine.service"},
	{"English terminal, Spanish daemon", func(w *ward) {
		w.speaks("/v1/transcribe", "en")
		w.locale("en_US.UTF-8")
		w.status.Language = "es"
	}, "recogniser", doubtful, "vocoder-engine models pull whisper-base"},
	{"Spanish named, English engine", func(w *ward) { w.speaks("/v1/transcribe", "en"); w.cfg.Whisper[0].Language = "es" }, "recogniser", broken, "vocoder-engine models pull whisper-base"},
	{"Spanish and English named, English engine", func(w *ward) { w.speaks("/v1/transcribe", "en"); w.cfg.Whisper[0].Language = "es,en" }, "recogniser", doubtful, "vocoder-engine models pull whisper-base"},
	{"a binding for Spanish, English engine", func(w *ward) { w.speaks("/v1/transcribe", "en"); w.cfg.Bindings[0].Language = "es" }, "recogniser", doubtful, "vocoder-engine models pull whisper-base"},
	{"a language that Whisper does not know either", func(w *ward) { w.speaks("/v1/transcribe", "en es"); w.locale("eo.UTF-8") }, "recogniser", doubtful, "vocoder config set whisper.language auto"},
	{"German layout, English engine", func(w *ward) {
		w.speaks("/v1/transcribe", "en")
		w.cfg.Whisper[0].Language = "layout"
		w.write("/usr/share/X11/xkb/rules/evdev.xml", `<xkbConfigRegistry><layoutList><layout><configItem><description>English (US)</description><languageList><iso639Id>deu</iso639Id></languageList></configItem></layout></layoutList></xkbConfigRegistry>`)
	}, "recogniser", doubtful, "vocoder-engine models pull whisper-base"},
	{"Spanish session, a server with English models", func(w *ward) {
		w.speaks("/v1/audio/transcriptions", "", "base.en", "moonshine-tiny")
		w.locale("es_MX.UTF-8")
	}, "recogniser", doubtful, "curl -s http://127.0.0.1"},
	{"the same, beside vocoder-engine", func(w *ward) {
		w.write("/usr/lib/systemd/user/vocoder-engine.socket", "")
		w.speaks("/v1/audio/transcriptions", "", "base.en")
		w.locale("es_MX.UTF-8")
	}, "recogniser", doubtful, "vocoder setup"},
	{"Spanish session, an English model in the settings", func(w *ward) {
		w.serve("/v1/audio/transcriptions", "")
		w.cfg.Whisper[0].Model = "Systran/faster-whisper-small.en"
		w.locale("es_MX.UTF-8")
	}, "recogniser", doubtful, `vocoder config set whisper.model "Systran/faster-whisper-small"`},
	{"one recogniser of two lacks the language, the other is down", func(w *ward) {
		w.speaks("/v1/transcribe", "en")
		w.locale("es_MX.UTF-8")
		w.cfg.Whisper = append(w.cfg.Whisper, w.cfg.Whisper[0])
		w.cfg.Whisper[1].URL = "http://127.0.0.1:1/v1/transcribe"
	}, "recogniser", doubtful, "vocoder-engine serve"},
	{"no desktop", func(w *ward) { w.state.Desktop.Name = "" }, "layout", broken, "systemctl --user import-environment"},
	{"keymap not known", func(w *ward) { w.state.Map = nil }, "layout", doubtful, "vocoder layout"},
	{"one recogniser of two down", func(w *ward) {
		w.cfg.Whisper = append(w.cfg.Whisper, w.cfg.Whisper[0])
		w.cfg.Whisper[0].URL = "http://127.0.0.1:1/v1/transcribe"
	}, "recogniser", doubtful, "vocoder-engine serve"},
	{"session locked", func(w *ward) { w.seat = session.State{Why: session.Locked} }, "session", broken, "loginctl unlock-sessions"},
	{"session inactive", func(w *ward) { w.seat = session.State{Why: session.Inactive} }, "session", broken, "loginctl activate"},
	{"only logged in from afar", func(w *ward) { w.seat = session.State{Why: session.NoSession} }, "session", broken, "loginctl list-sessions"},
	{"no logind", func(w *ward) { w.seat = session.State{} }, "session", doubtful, "systemd-logind.service"},
	{"clipboard path missing", func(w *ward) { w.paste = errors.New("no data control"); w.remove("/usr/bin/Xwayland") }, "clipboard", doubtful, "sudo apt install xwayland"},
	{"daemon not started", func(w *ward) { w.silent, w.unit.Active = control.ErrNotRunning, "inactive" }, "daemon", broken, "systemctl --user enable --now vocoder"},
	{"daemon not started, on a desktop with a layout for each keyboard", func(w *ward) {
		w.silent, w.unit.Active, w.state.Map = control.ErrNotRunning, "inactive", nil
	}, "daemon", broken, "systemctl --user enable --now vocoder"},
	{"daemon masked", func(w *ward) {
		w.silent, w.unit = control.ErrNotRunning, systemd.UnitState{Load: "masked", Active: "inactive", File: "masked"}
	}, "daemon", broken, "systemctl --user unmask vocoder"},
	{"daemon failed", func(w *ward) { w.silent, w.unit.Active = control.ErrNotRunning, "failed" }, "daemon", broken, "systemctl --user reset-failed vocoder"},
	{"unit not known", func(w *ward) {
		w.silent, w.unit = control.ErrNotRunning, systemd.UnitState{Load: "not-found", Active: "inactive"}
	}, "daemon", broken, "systemctl --user daemon-reload"},
	{"daemon hangs", func(w *ward) { w.silent = context.DeadlineExceeded }, "daemon", broken, "systemctl --user restart vocoder"},
	{"no service manager", func(w *ward) { w.silent, w.unit = control.ErrNotRunning, systemd.UnitState{} }, "daemon", broken, "sudo systemctl start user@1000.service"},
	{"not enabled", func(w *ward) { w.unit.File = "disabled" }, "daemon", doubtful, "systemctl --user enable vocoder"},
	{"old daemon runs", func(w *ward) { w.status.Version = "0.1" }, "daemon", doubtful, "systemctl --user restart vocoder"},
	{"paused", func(w *ward) { w.status.Pause = "by command" }, "daemon", doubtful, "vocoderctl resume"},
}

// allKeys is what a full keyboard has.
func allKeys() evdev.Set {
	var keys []key.Code
	for k := key.Code(1); k < 120; k++ {
		keys = append(keys, k)
	}
	return evdev.SetOf(keys...)
}

func TestDoctorBroken(t *testing.T) {
	for _, tt := range brokenSetups {
		t.Run(tt.name, func(t *testing.T) {
			w := newWard(t)
			tt.fault(w)
			all := w.examine(t.Context(), func(finding) {})
			first := -1
			for i, f := range all {
				if f.Health != well && first < 0 {
					first = i
				}
				// Nobody is made a member of the group that reads all keyboards.
				for _, never := range []string{"usermod", "adduser", "gpasswd -a", "newgrp"} {
					if strings.Contains(f.Mend, never) {
						t.Errorf("%s: %s", f.Link, f.Mend)
					}
				}
				if (f.Mend == "") != (f.Health == well) {
					t.Errorf("%s is %s, with the command %q", f.Link, f.Health, f.Mend)
				}
			}
			if first < 0 {
				t.Fatalf("nothing was found: %+v", all)
			}
			if f := all[first]; f.Link != tt.link || f.Health != tt.health || !strings.Contains(f.Mend, tt.mend) {
				t.Errorf("found first: %s is %s: %s -> %s\nwant %s %s, %s", f.Link, f.Health, f.Says, f.Mend, tt.link, tt.health, tt.mend)
			}
			if worst(all) != max(tt.health, worst(all[first+1:])) {
				t.Errorf("the worst is %s", worst(all))
			}
		})
	}
}

// The line of the recogniser says which language is expected and where that is
// known from; one that the recogniser lacks, too.
func TestDoctorLanguage(t *testing.T) {
	for _, tt := range []struct {
		name, setting, locale, daemon string
		want                          string
	}{
		{"locale", "locale", "es_MX.UTF-8", "", "; Spanish is expected, the language of the locale"},
		{"locale of none", "locale", "C.UTF-8", "", "; any language is expected, as the locale names none"},
		{"named", "es", "", "", "; Spanish is expected, as whisper.language says"},
		{"a list", "es,en", "", "es,en", "; Spanish or English is expected, as whisper.language says"},
		{"auto", "auto", "es_MX.UTF-8", "auto", "; any language is expected, as whisper.language says"},
		{"layout", "layout", "", "layout", "; English is expected, the language of the keyboard layout"},
		{"the daemon agrees", "locale", "es_MX.UTF-8", "es", "; Spanish is expected, the language of the locale"},
		{"another locale in the daemon", "locale", "en_US.UTF-8", "es", "; Spanish is expected, says the daemon, though the locale of this terminal says English"},
		{"no locale in the daemon", "locale", "es_MX.UTF-8", "auto", "; any language is expected, says the daemon, though the locale of this terminal says Spanish"},
		{"vocoderctl asked for another", "es,en", "", "en", "; English is expected, says the daemon, though the settings say es,en"},
		{"settings not in effect yet", "es", "", "layout", "; English is expected, the language of the keyboard layout, says the daemon, though the settings say es"},
		{"a daemon that makes no sense", "es", "", "?", "; Spanish is expected, as whisper.language says"},
		{"a language that the engine lacks", "locale", "de_DE.UTF-8", "", " does not know German, only English, Spanish; German is expected, the language of the locale; fetch the model whisper-base and start vocoder-engine anew"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWard(t)
			w.speaks("/v1/transcribe", "en es")
			w.cfg.Whisper[0].Language = tt.setting
			w.locale(tt.locale)
			w.status.Language = tt.daemon
			w.write("/usr/share/X11/xkb/rules/evdev.xml", `<xkbConfigRegistry><layoutList><layout><configItem><description>English (US)</description><languageList><iso639Id>eng</iso639Id></languageList></configItem></layout></layoutList></xkbConfigRegistry>`)
			if f := w.recogniserLink(t.Context()); !strings.HasSuffix(f.Says, tt.want) {
				t.Errorf("it says %q, want %q", f.Says, tt.want)
			}
		})
	}
}

// On a machine that has nothing, doctor says so in both forms and by its exit
// status.
func TestDoctorCommand(t *testing.T) {
	status, stdout, stderr := call(t, "audio:\n  tial: 1s\n", "", "doctor", "--json")
	var got struct {
		State string
		Links []struct{ Link, State, Says, Mend string }
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err, stdout, stderr)
	}
	if status != exitFailed || got.State != "broken" || len(got.Links) != len(chain) || !strings.Contains(got.Links[0].Says, "vocoder.yaml:2:3") {
		t.Errorf("exit status %d, %+v", status, got)
	}
	// Nothing is started to ask it.
	if says := got.Links[len(chain)-1].Says; !strings.Contains(says, "its bus is not there") {
		t.Errorf("of the daemon it says %q", says)
	}
	status, stdout, _ = call(t, "", "", "doctor")
	if status != exitFailed || strings.Count(stdout, "\n") < len(chain) || !strings.Contains(stdout, " -> ") {
		t.Errorf("exit status %d, %s", status, stdout)
	}
}
