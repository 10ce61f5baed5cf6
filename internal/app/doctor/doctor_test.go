package doctor

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
	"time"

	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/test/isolated"
	"github.com/arealicehole/vocoder/internal/test/recognizer"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/session"
	"github.com/arealicehole/vocoder/internal/usage"
)

// TestMain keeps the tests apart from the user who runs them.
func TestMain(m *testing.M) { isolated.Main(m) }

// A fakeMachine is a machine on which everything works. Each case breaks a part of it.
type fakeMachine struct {
	*Machine
	t       *testing.T
	denied  map[string]error // what may not be opened
	younger time.Duration    // how much later than the daemon's start the program was installed
	state   desktop.State
	mics    []capture.Source
	keys    []evdev.Device
	heard   capture.Problem
	paste   error
	seat    session.State
	unit    systemd.UnitState
	status  control.Status
	silent  error  // why the daemon does not answer
	absent  string // the URL of a recognizer that is not there
}

func newMachine(t *testing.T) *fakeMachine {
	w := &fakeMachine{t: t, denied: map[string]error{}, younger: -time.Hour}
	w.Machine = &Machine{root: t.TempDir(), user: "alice", uid: 1000, gid: 1000, cfg: settings.Default()}
	w.locale("")
	w.store.Env = w.env
	w.absent = recognizer.Absent(t) + "/v1/transcribe"
	w.engine.URL = w.absent
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
	w.Machine.open = func(path string, flag int) error {
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
	w.state = desktop.State{Map: keymap.US(), Desktop: desktop.Desktop{Name: "sway"}, From: desktop.Origins{Map: "wayland", Group: "sway"}}
	w.seat = session.State{InUse: true}
	w.unit = systemd.UnitState{Load: "loaded", Active: "active", File: "enabled", Since: time.Now(), Program: "/usr/bin/vocoder"}
	w.installed = func(program string) time.Time {
		if program != "/usr/bin/vocoder" {
			return time.Time{}
		}
		return w.unit.Since.Add(w.younger)
	}
	w.status = control.Status{Key: "KEY_RIGHTCTRL", Version: usage.Version()}
	w.devices = func() ([]evdev.Device, error) { return w.keys, nil }
	w.sources = func(context.Context) ([]capture.Source, error) {
		if w.mics == nil {
			return nil, capture.ErrServer
		}
		return w.mics, nil
	}
	w.listen = func(context.Context) (capture.Problem, error) { return w.heard, nil }
	w.layout = func(context.Context) (desktop.State, error) {
		if w.state.Desktop.Name == "" {
			return w.state, desktop.ErrNoDesktop
		}
		return w.state, nil
	}
	w.clipboard = func(context.Context) error { return w.paste }
	w.Machine.session = func(context.Context) (session.State, error) {
		if w.seat == (session.State{}) {
			return w.seat, errors.New("no bus")
		}
		return w.seat, nil
	}
	w.Machine.unit = func(context.Context, string) (systemd.UnitState, error) {
		if w.unit == (systemd.UnitState{}) {
			return w.unit, errors.New("no bus")
		}
		return w.unit, nil
	}
	w.daemon = func(context.Context) (control.Status, error) { return w.status, w.silent }
	w.serve("/v1/transcribe", "")
	return w
}

func (w *fakeMachine) write(path, text string) {
	w.t.Helper()
	path = w.at(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *fakeMachine) remove(path string) {
	w.t.Helper()
	if err := os.RemoveAll(w.at(path)); err != nil {
		w.t.Fatal(err)
	}
}

// mask masks a unit in the folder dir.
func (w *fakeMachine) mask(dir, unit string) {
	w.t.Helper()
	if err := os.MkdirAll(w.at(dir), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Symlink("/dev/null", filepath.Join(w.at(dir), unit)); err != nil {
		w.t.Fatal(err)
	}
}

// handle starts a server as the recognizer, with its address at path. It returns the
// server's origin.
func (w *fakeMachine) handle(path string, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	w.t.Cleanup(s.Close)
	w.cfg.Whisper[0].URL = s.URL + path
	return s.URL
}

// serve starts a recognizer that answers at path. If model is not empty, it has only
// that model. It returns the server's origin.
func (w *fakeMachine) serve(path, model string) string {
	return w.handle(path, func(rw http.ResponseWriter, r *http.Request) {
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
	})
}

// speaks starts a recognizer that answers at path, knows these languages and refuses
// others. It lists them as vocoder-engine does. With models it lists those instead, as
// OpenAI's servers do.
func (w *fakeMachine) speaks(path, languages string, models ...string) {
	knows := strings.Fields(languages)
	w.handle(path, func(rw http.ResponseWriter, r *http.Request) {
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
	})
}

// locale sets the locale of the terminal in which doctor runs.
func (w *fakeMachine) locale(name string) {
	vars := map[string]string{"HOME": "/home/alice", "XDG_RUNTIME_DIR": "/run/user/1000", "LANG": name}
	w.env.Lookup = func(name string) (string, bool) { return vars[name], vars[name] != "" }
}

// refuse starts a recognizer that answers every request with a status.
func (w *fakeMachine) refuse(status int) {
	w.handle("/v1/transcribe", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) })
}

// secure starts a recognizer whose certificate no authority has signed.
func (w *fakeMachine) secure() {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it logs each client that refuses the certificate
	w.t.Cleanup(s.Close)
	w.cfg.Whisper[0].URL = s.URL + "/v1/transcribe"
}

// help installs the helper. If runs is set, the helper listens on its socket.
func (w *fakeMachine) help(runs bool) {
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

// deny takes from the user the right to open devices, as on a machine with the helper.
func (w *fakeMachine) deny() {
	w.denied["/dev/uinput"] = fs.ErrPermission
	w.keys[0].Err = fs.ErrPermission
}

func (w *fakeMachine) set(name, value string) {
	w.t.Helper()
	cfg, _, err := settings.Of(config.Source{Flags: map[string]string{name: value, "whisper_url": w.cfg.Whisper[0].URL}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.cfg = cfg
}

var healthy = []struct {
	name  string
	state func(*fakeMachine)
}{
	{"as installed", func(*fakeMachine) {}},
	{"settings are there", func(w *fakeMachine) { w.write("/vocoder.yaml", "key: KEY_RIGHTCTRL\n") }},
	{"with the helper", func(w *fakeMachine) {
		w.help(true)
		w.deny()
	}},
	{"directly, with the helper installed", func(w *fakeMachine) { w.help(false); w.set("devices", "direct") }},
	{"not a unit", func(w *fakeMachine) { w.unit = systemd.UnitState{} }},
	{"recognizer was away when the daemon last asked", func(w *fakeMachine) { w.status.Lacks = map[control.Part]string{"recogniser": "away"} }},
	{"a text console with a layout set", func(w *fakeMachine) { w.set("typing.layout", "us"); w.state.Desktop.Name = "" }},
	{"an input method", func(w *fakeMachine) { w.state.IME, w.state.Map = "mozc", nil }},
	{"a user without a name", func(w *fakeMachine) {
		w.user = ""
		w.help(true)
		w.write("/etc/group", "input:x:104:\n")
	}},
	{"a group not in effect that is not needed", func(w *fakeMachine) { w.write("/etc/group", "vboxusers:x:120:alice\n") }},
	{"a Spanish session, a recognizer for many languages", func(w *fakeMachine) { w.speaks("/v1/transcribe", "en es de"); w.locale("es_MX.UTF-8") }},
	{"a Spanish session, a server that tells nothing", func(w *fakeMachine) { w.locale("es_MX.UTF-8") }},
	{"an English session, an English model", func(w *fakeMachine) { w.speaks("/v1/transcribe", "en"); w.locale("en_US.UTF-8") }},
	{"no locale, an English model", func(w *fakeMachine) { w.speaks("/v1/transcribe", "en") }},
	{"a Spanish terminal, an English daemon and model", func(w *fakeMachine) {
		w.speaks("/v1/transcribe", "en")
		w.locale("es_MX.UTF-8")
		w.status.Language = "en"
	}},
	{"a Spanish session, one of the models for it", func(w *fakeMachine) {
		w.speaks("/v1/audio/transcriptions", "", "base.en", "base")
		w.locale("es_MX.UTF-8")
	}},
	{"another device denied", func(w *fakeMachine) {
		w.keys = append(w.keys, evdev.Device{Path: "/dev/input/event1", Name: "Mouse", Keys: evdev.SetOf(97), Err: fs.ErrPermission})
	}},
}

// TestDoctorHealthy: on a machine without a fault every check is OK.
func TestDoctorHealthy(t *testing.T) {
	for _, tt := range healthy {
		t.Run(tt.name, func(t *testing.T) {
			w := newMachine(t)
			tt.state(w)
			for _, f := range w.Examine(t.Context(), func(report.Finding) {}) {
				if f.State != report.OK || f.Fix != "" {
					t.Errorf("%s: %s: %s -> %s", f.Part, f.State, f.Text, f.Fix)
				}
			}
		})
	}
}

// A brokenMachine is a row of brokenMachines.
type brokenMachine struct {
	name  string
	fault func(*fakeMachine)
	part  string
	state report.State
	fix   string
}

// brokenMachines have one fault each. The table has the finding: its part, its state,
// and a part of the command that fixes it.
var brokenMachines = []brokenMachine{
	{"settings typo", func(w *fakeMachine) { w.settings = &config.Error{Place: "v.yaml:1:1", Msg: "unknown setting"} }, "settings", report.Broken, "/vocoder.yaml"},
	{"a letter bound", func(w *fakeMachine) {
		w.settings = &config.Error{Place: "v.yaml:1:1", Msg: "key: bind KEY_A", Err: evdev.ErrWrites}
	}, "settings", report.Broken, "vocoder keys --learn"},
	{"module out", func(w *fakeMachine) { w.remove("/dev/uinput"); w.remove("/sys/class/misc/uinput") }, "module", report.Broken, "sudo modprobe uinput"},
	{"kernel updated", func(w *fakeMachine) {
		w.remove("/dev/uinput")
		w.remove("/sys/class/misc/uinput")
		w.remove("/lib/modules/6.1.0")
	}, "module", report.Broken, "sudo reboot"},
	{"node mode", func(w *fakeMachine) { w.denied["/dev/uinput"] = fs.ErrPermission }, "node", report.Broken, `KERNEL=="uinput"`},
	{"group not in effect", func(w *fakeMachine) {
		w.denied["/dev/uinput"] = fs.ErrPermission
		w.write("/etc/group", fmt.Sprintf("uinput:x:%d:alice\n", os.Getgid()))
	}, "node", report.Broken, "sudo systemctl restart user@1000.service"},
	{"helper masked", func(w *fakeMachine) { w.help(false); w.mask("/etc/systemd/system", systemd.HelperSocket); w.deny() }, "helper", report.Broken, "sudo systemctl unmask vocoder-inputd.socket"},
	{"helper service masked", func(w *fakeMachine) { w.help(true); w.mask("/etc/systemd/system", systemd.HelperService) }, "helper", report.Broken, "sudo systemctl unmask vocoder-inputd.service"},
	{"helper not started", func(w *fakeMachine) { w.help(false); w.deny() }, "helper", report.Broken, "sudo systemctl enable --now vocoder-inputd.socket"},
	{"helper not started, and not needed", func(w *fakeMachine) { w.help(false) }, "helper", report.Warning, "sudo systemctl enable --now vocoder-inputd.socket"},
	{"helper gone from its socket", func(w *fakeMachine) { w.help(false); w.write(helperSocket, "") }, "helper", report.Broken, "sudo systemctl restart vocoder-inputd.socket"},
	{"helper wanted but not installed", func(w *fakeMachine) { w.set("devices", "helper") }, "helper", report.Broken, "vocoder config set devices auto"},
	{"in group input though helped", func(w *fakeMachine) { w.help(true); w.write("/etc/group", "input:x:104:alice\n") }, "groups", report.Warning, "sudo gpasswd -d alice input"},
	{"wrong key", func(w *fakeMachine) { w.set("key", "KEY_F24") }, "key", report.Broken, "vocoder keys --learn"},
	{"pedal unplugged", func(w *fakeMachine) { w.set("device", "05f3:00ff") }, "key", report.Broken, "vocoder devices"},
	{"keyboard denied", func(w *fakeMachine) { w.keys[0].Err = fs.ErrPermission }, "key", report.Broken, `KERNEL=="event*"`},
	{"only our own keyboard", func(w *fakeMachine) { w.keys[0].Virtual, w.keys[0].Name = true, inject.Name }, "key", report.Broken, "vocoder keys --learn"},
	{"a whole keyboard to be grabbed", func(w *fakeMachine) { w.set("grab", "true"); w.keys[0].Keys = allKeys() }, "key", report.Warning, "vocoder config set grab false"},
	{"no sound server", func(w *fakeMachine) { w.mics = nil }, "microphone", report.Broken, "systemctl --user restart pipewire-pulse.socket"},
	{"sound server masked", func(w *fakeMachine) { w.mics = nil; w.mask("/etc/systemd/user", "pipewire-pulse.socket") }, "microphone", report.Broken, "systemctl --user unmask pipewire-pulse.socket"},
	{"no sound server installed", func(w *fakeMachine) { w.mics = nil; w.remove("/usr/lib/systemd/user") }, "microphone", report.Broken, "sudo apt install pipewire-pulse"},
	{"microphone muted", func(w *fakeMachine) { w.mics[0].Muted = true }, "microphone", report.Broken, "pactl set-source-mute mic 0"},
	{"muted, without pactl", func(w *fakeMachine) {
		w.mics[0].Muted = true
		w.remove("/usr/bin/pactl")
		w.write("/usr/bin/wpctl", "")
	}, "microphone", report.Broken, "wpctl set-mute @DEFAULT_AUDIO_SOURCE@ 0"},
	{"volume zero", func(w *fakeMachine) { w.mics[0].Volume = math.Inf(-1) }, "microphone", report.Broken, "pactl set-source-volume mic 100%"},
	{"monitor default", func(w *fakeMachine) { w.mics[0].Default = false; w.mics[1].Default = true }, "microphone", report.Broken, "pactl set-default-source mic"},
	{"no microphone", func(w *fakeMachine) { w.mics = w.mics[1:]; w.mics[0].Default = true }, "microphone", report.Broken, "vocoder sources"},
	{"named microphone away", func(w *fakeMachine) { w.set("audio.source", "Headset") }, "microphone", report.Broken, `vocoder config set audio.source ""`},
	{"microphone switched off", func(w *fakeMachine) { w.heard = capture.Silent }, "microphone", report.Broken, "pavucontrol"},
	{"microphone too loud", func(w *fakeMachine) { w.heard = capture.Clipping }, "microphone", report.Warning, "pactl set-source-volume mic 50%"},
	{"microphone stalled", func(w *fakeMachine) { w.heard = capture.Stalled }, "microphone", report.Broken, "systemctl --user restart pipewire-pulse.socket"},
	{"recognizer down", func(w *fakeMachine) { w.cfg.Whisper[0].URL = w.absent }, "recogniser", report.Broken, "vocoder-engine serve"},
	{"engine not enabled", func(w *fakeMachine) {
		w.write("/usr/lib/systemd/user/vocoder-engine.socket", "")
		w.cfg.Whisper[0].URL = w.absent
	}, "recogniser", report.Broken, "systemctl --user enable --now vocoder-engine.socket"},
	{"recognizer down, the engine is there", func(w *fakeMachine) {
		w.engine.URL = w.cfg.Whisper[0].URL
		w.cfg.Whisper[0].URL = w.absent
	}, "recogniser", report.Broken, "vocoder config set whisper_url http://127.0.0.1:"},
	{"recognizer at another path", func(w *fakeMachine) {
		w.cfg.Whisper[0].URL = w.serve("/v1/audio/transcriptions", "") + "/api/v1/transcribe"
	}, "recogniser", report.Broken, "vocoder config set whisper_url http://127.0.0.1"},
	{"recognizer of another dialect", func(w *fakeMachine) { w.serve("/inference", ""); w.cfg.Whisper[0].Dialect = "asr" }, "recogniser", report.Broken, `vocoder config set whisper.dialect ""`},
	{"no recognizer at that port", func(w *fakeMachine) { w.serve("/", "") }, "recogniser", report.Broken, "vocoder setup"},
	{"recognizer lacks the model", func(w *fakeMachine) {
		w.serve("/v1/audio/transcriptions", "whisper-1")
		w.cfg.Whisper[0].Model = "huge"
	}, "recogniser", report.Broken, `vocoder config set whisper.model ""`},
	{"API key refused", func(w *fakeMachine) { w.refuse(http.StatusUnauthorized) }, "recogniser", report.Broken, "vocoder config set whisper.key_file /"},
	{"certificate not trusted", func(w *fakeMachine) { w.secure() }, "recogniser", report.Broken, "vocoder config set whisper.ca_file /"},
	{"vocabulary away", func(w *fakeMachine) { w.cfg.Text.Vocabulary = w.at("/words") }, "recogniser", report.Broken, "/vocoder.yaml"},
	{"recognizer far away without https", func(w *fakeMachine) { w.cfg.Whisper[0].URL = "http://gpu.example/v1/transcribe" }, "recogniser", report.Broken, "/vocoder.yaml"},
	{"key file readable by others", func(w *fakeMachine) { w.write("/key", "secret"); w.cfg.Whisper[0].KeyFile = w.at("/key") }, "recogniser", report.Broken, "chmod 600 "},
	{"key file away", func(w *fakeMachine) { w.cfg.Whisper[0].KeyFile = w.at("/key") }, "recogniser", report.Broken, "install -m 600 /dev/stdin "},
	{"Spanish session, English engine", func(w *fakeMachine) { w.speaks("/v1/transcribe", "en"); w.locale("es_MX.UTF-8") }, "recogniser", report.Warning, "vocoder-engine models pull whisper-base && vocoder-engine models use whisper-base"},
	{"Spanish session, English engine as a unit", func(w *fakeMachine) {
		w.write("/usr/lib/systemd/user/vocoder-engine.service", "")
		w.speaks("/v1/transcribe", "en")
		w.locale("es_MX.UTF-8")
	}, "recogniser", report.Warning, "vocoder-engine models pull whisper-base && vocoder-engine models use whisper-base"},
	{"English terminal, Spanish daemon", func(w *fakeMachine) {
		w.speaks("/v1/transcribe", "en")
		w.locale("en_US.UTF-8")
		w.status.Language = "es"
	}, "recogniser", report.Warning, "vocoder-engine models pull whisper-base && vocoder-engine models use whisper-base"},
	{"Spanish named, English engine", func(w *fakeMachine) { w.speaks("/v1/transcribe", "en"); w.cfg.Whisper[0].Language = "es" }, "recogniser", report.Broken, "vocoder-engine models pull whisper-base && vocoder-engine models use whisper-base"},
	{"Spanish and English named, English engine", func(w *fakeMachine) { w.speaks("/v1/transcribe", "en"); w.cfg.Whisper[0].Language = "es,en" }, "recogniser", report.Warning, "vocoder-engine models pull whisper-base && vocoder-engine models use whisper-base"},
	{"a binding for Spanish, English engine", func(w *fakeMachine) { w.speaks("/v1/transcribe", "en"); w.cfg.Bindings[0].Language = "es" }, "recogniser", report.Warning, "vocoder-engine models pull whisper-base && vocoder-engine models use whisper-base"},
	{"a language that Whisper does not know either", func(w *fakeMachine) { w.speaks("/v1/transcribe", "en es"); w.locale("eo.UTF-8") }, "recogniser", report.Warning, "vocoder config set whisper.language auto"},
	{"German layout, English engine", func(w *fakeMachine) {
		w.speaks("/v1/transcribe", "en")
		w.cfg.Whisper[0].Language = "layout"
		w.write("/usr/share/X11/xkb/rules/evdev.xml", `<xkbConfigRegistry><layoutList><layout><configItem><description>English (US)</description><languageList><iso639Id>deu</iso639Id></languageList></configItem></layout></layoutList></xkbConfigRegistry>`)
	}, "recogniser", report.Warning, "vocoder-engine models pull whisper-base && vocoder-engine models use whisper-base"},
	{"Spanish session, a server with English models", func(w *fakeMachine) {
		w.speaks("/v1/audio/transcriptions", "", "base.en", "moonshine-tiny")
		w.locale("es_MX.UTF-8")
	}, "recogniser", report.Warning, "curl -s http://127.0.0.1"},
	{"the same, with vocoder-engine installed", func(w *fakeMachine) {
		w.write("/usr/lib/systemd/user/vocoder-engine.socket", "")
		w.speaks("/v1/audio/transcriptions", "", "base.en")
		w.locale("es_MX.UTF-8")
	}, "recogniser", report.Warning, "vocoder setup"},
	{"Spanish session, an English model in the settings", func(w *fakeMachine) {
		w.serve("/v1/audio/transcriptions", "")
		w.cfg.Whisper[0].Model = "Systran/faster-whisper-small.en"
		w.locale("es_MX.UTF-8")
	}, "recogniser", report.Warning, `vocoder config set whisper.model "Systran/faster-whisper-small"`},
	{"one recognizer of two lacks the language, the other is down", func(w *fakeMachine) {
		w.speaks("/v1/transcribe", "en")
		w.locale("es_MX.UTF-8")
		w.cfg.Whisper = append(w.cfg.Whisper, w.cfg.Whisper[0])
		w.cfg.Whisper[1].URL = w.absent
	}, "recogniser", report.Warning, "vocoder-engine serve"},
	{"no desktop", func(w *fakeMachine) { w.state.Desktop.Name = "" }, "layout", report.Broken, "systemctl --user import-environment"},
	{"keymap not known", func(w *fakeMachine) { w.state.Map = nil }, "layout", report.Warning, "vocoder layout"},
	{"one recognizer of two down", func(w *fakeMachine) {
		w.cfg.Whisper = append(w.cfg.Whisper, w.cfg.Whisper[0])
		w.cfg.Whisper[0].URL = w.absent
	}, "recogniser", report.Warning, "vocoder-engine serve"},
	{"session locked", func(w *fakeMachine) { w.seat = session.State{Why: session.Locked} }, "session", report.Broken, "loginctl unlock-sessions"},
	{"session inactive", func(w *fakeMachine) { w.seat = session.State{Why: session.Inactive} }, "session", report.Broken, "loginctl activate"},
	{"only logged in from afar", func(w *fakeMachine) { w.seat = session.State{Why: session.NoSession} }, "session", report.Broken, "loginctl list-sessions"},
	{"no logind", func(w *fakeMachine) { w.seat = session.State{} }, "session", report.Warning, "systemd-logind.service"},
	{"clipboard path missing", func(w *fakeMachine) { w.paste = errors.New("no data control"); w.remove("/usr/bin/Xwayland") }, "clipboard", report.Warning, "sudo apt install xwayland"},
	{"daemon not started", func(w *fakeMachine) { w.silent, w.unit.Active = control.ErrNotRunning, "inactive" }, "daemon", report.Broken, "systemctl --user enable --now vocoder"},
	{"daemon not started, on a desktop with a layout for each keyboard", func(w *fakeMachine) {
		w.silent, w.unit.Active, w.state.Map = control.ErrNotRunning, "inactive", nil
	}, "daemon", report.Broken, "systemctl --user enable --now vocoder"},
	{"daemon masked", func(w *fakeMachine) {
		w.silent, w.unit = control.ErrNotRunning, systemd.UnitState{Load: "masked", Active: "inactive", File: "masked"}
	}, "daemon", report.Broken, "systemctl --user unmask vocoder"},
	{"daemon failed", func(w *fakeMachine) { w.silent, w.unit.Active = control.ErrNotRunning, "failed" }, "daemon", report.Broken, "systemctl --user reset-failed vocoder"},
	{"unit not known", func(w *fakeMachine) {
		w.silent, w.unit = control.ErrNotRunning, systemd.UnitState{Load: "not-found", Active: "inactive"}
	}, "daemon", report.Broken, "systemctl --user daemon-reload"},
	{"daemon hangs", func(w *fakeMachine) { w.silent = context.DeadlineExceeded }, "daemon", report.Broken, "systemctl --user restart vocoder"},
	{"no service manager", func(w *fakeMachine) { w.silent, w.unit = control.ErrNotRunning, systemd.UnitState{} }, "daemon", report.Broken, "sudo systemctl start user@1000.service"},
	{"not enabled", func(w *fakeMachine) { w.unit.File = "disabled" }, "daemon", report.Warning, "systemctl --user enable vocoder"},
	{"old daemon runs", func(w *fakeMachine) { w.status.Version = "0.1" }, "daemon", report.Warning, "systemctl --user restart vocoder"},
	{"old build runs", func(w *fakeMachine) { w.younger = time.Hour }, "daemon", report.Warning, "systemctl --user restart vocoder"},
	{"paused", func(w *fakeMachine) { w.status.Pause = "by command" }, "daemon", report.Warning, "vocoderctl resume"},
	{"a profile not started", func(w *fakeMachine) {
		w.store.Name, w.silent, w.unit.Active = "work", control.ErrNotRunning, "inactive"
	}, "daemon", report.Broken, "systemctl --user enable --now vocoder@work"},
	{"a profile failed", func(w *fakeMachine) {
		w.store.Name, w.silent, w.unit.Active = "work", control.ErrNotRunning, "failed"
	}, "daemon", report.Broken, "systemctl --user reset-failed vocoder@work; systemctl --user restart vocoder@work"},
	{"a profile paused", func(w *fakeMachine) { w.store.Name, w.status.Pause = "work", "by command" }, "daemon", report.Warning, "vocoderctl --socket "},
	{"a profile with a layout that is not there", func(w *fakeMachine) { w.store.Name = "work"; w.set("typing.layout", "/nope") }, "layout", report.Broken, "vocoder --config work config set typing.layout auto"},
	{"a daemon of a file not started", func(w *fakeMachine) { w.store.Name, w.silent = "/my own.yaml", control.ErrNotRunning }, "daemon", report.Broken, "vocoder --config '/my own.yaml' run"},
}

// allKeys returns the keys of a full keyboard.
func allKeys() evdev.Set {
	var keys []key.Code
	for k := key.Code(1); k < 120; k++ {
		keys = append(keys, k)
	}
	return evdev.SetOf(keys...)
}

// TestBrokenSettings: a mistake in the settings file is the first finding, and doctor goes
// on with the defaults.
func TestBrokenSettings(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, "vocoder.yaml")
	if err := os.WriteFile(file, []byte("audio:\n  tial: 1s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := environ.Env{Stderr: t.Output(), Lookup: func(name string) (string, bool) { return home, name == "HOME" || name == "XDG_RUNTIME_DIR" }}
	store := settings.Store{Env: env, Name: file}
	cfg, wrong := store.Load(nil)
	m := New(env, store, cfg, wrong)
	if len(settings.Mistakes(wrong)) != 1 {
		t.Errorf("%v", wrong)
	}
	if f := m.checkSettings(t.Context()); f.State != report.Broken || !strings.Contains(f.Text, "vocoder.yaml:2:3") || f.Fix != "${EDITOR:-nano} "+file {
		t.Errorf("%+v", f)
	}
}

// TestCheckGrab: the finding names the keyboard that is not grabbed.
func TestCheckGrab(t *testing.T) {
	d := evdev.Device{Name: "AT keyboard", Keys: allKeys()}
	f := checkGrab([]evdev.Device{d}, evdev.Binding{Keys: []key.Code{97}})
	if want := "AT keyboard is not grabbed: "; !strings.HasPrefix(f.Text, want) {
		t.Errorf("%q, want %q", f.Text, want)
	}
}

// TestDoctorBroken: doctor finds each fault, and the command that fixes it.
func TestDoctorBroken(t *testing.T) {
	for _, tt := range slices.Concat(brokenMachines, brokenSettings, brokenSystems) {
		t.Run(tt.name, func(t *testing.T) {
			w := newMachine(t)
			tt.fault(w)
			all := w.Examine(t.Context(), func(report.Finding) {})
			first := -1
			for i, f := range all {
				if f.State != report.OK && first < 0 {
					first = i
				}
				// No command adds a user to the group that reads all keyboards.
				for _, never := range []string{"usermod", "adduser", "gpasswd -a", "newgrp"} {
					if strings.Contains(f.Fix, never) {
						t.Errorf("%s: %s", f.Part, f.Fix)
					}
				}
				if (f.Fix == "") != (f.State == report.OK) {
					t.Errorf("%s is %s, with the command %q", f.Part, f.State, f.Fix)
				}
			}
			if first < 0 {
				t.Fatalf("nothing was found: %+v", all)
			}
			if f := all[first]; f.Part != tt.part || f.State != tt.state || !strings.Contains(f.Fix, tt.fix) {
				t.Errorf("found first: %s is %s: %s -> %s\nwant %s %s, %s", f.Part, f.State, f.Text, f.Fix, tt.part, tt.state, tt.fix)
			}
			if report.Worst(all) != max(tt.state, report.Worst(all[first+1:])) {
				t.Errorf("the worst is %s", report.Worst(all))
			}
		})
	}
}

// TestDoctorBenchmarks: the finding about vocoder-engine repeats what was measured, that about
// another recognizer does not.
func TestDoctorBenchmarks(t *testing.T) {
	const file = "/home/alice/.local/share/vocoder/models/bench.json"
	for _, tt := range []struct{ name, languages, text, want string }{
		{"measured", "en es", `{"whisper-base": {"pace": 0.274, "threads": 2}, "tiny": {"pace": 0.04}}`,
			"; tiny was measured at 0.04 s for a second of speech; whisper-base was measured at 0.27 s for a second of speech"},
		{"not measured", "en es", "", ""},
		{"nonsense", "en es", `{"a": {"pace": -1}, "b": 3}`, ""},
		{"a name with a control character", "en es", `{"a\u001b[31m": {"pace": 1}}`, "; a\ufffd[31m was measured at 1.00 s for a second of speech"},
		{"another server", "", `{"whisper-base": {"pace": 0.274}}`, ""},
	} {
		w := newMachine(t)
		if w.cfg.Whisper[0].Language = "es"; tt.languages != "" {
			w.speaks("/v1/transcribe", tt.languages)
		} else {
			w.speaks("/v1/audio/transcriptions", "", "large-v3")
		}
		if tt.text != "" {
			w.write(file, tt.text)
		}
		if f := w.checkRecognizers(t.Context()); !strings.HasSuffix(f.Text, "as whisper.language says"+tt.want) {
			t.Errorf("%s: it says %q, want %q at the end", tt.name, f.Text, tt.want)
		}
	}
}

// TestDoctorLanguage: the finding about the recognizer names the expected language, how
// it is known, and whether the recognizer lacks it.
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
		{"a language that the engine lacks", "locale", "de_DE.UTF-8", "", " does not know German, only English, Spanish; German is expected, the language of the locale; then start vocoder-engine again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newMachine(t)
			w.speaks("/v1/transcribe", "en es")
			w.cfg.Whisper[0].Language = tt.setting
			w.locale(tt.locale)
			w.status.Language = tt.daemon
			w.write("/usr/share/X11/xkb/rules/evdev.xml", `<xkbConfigRegistry><layoutList><layout><configItem><description>English (US)</description><languageList><iso639Id>eng</iso639Id></languageList></configItem></layout></layoutList></xkbConfigRegistry>`)
			if f := w.checkRecognizers(t.Context()); !strings.HasSuffix(f.Text, tt.want) {
				t.Errorf("it says %q, want %q", f.Text, tt.want)
			}
		})
	}
}
