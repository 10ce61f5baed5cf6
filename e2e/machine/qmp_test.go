package machine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// scripted is a fake QEMU with a fixed reply for each command.
func scripted(t *testing.T, answers map[string]string) *monitor {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { _ = ours.Close() })
	go func() {
		defer theirs.Close()
		for in := bufio.NewScanner(theirs); in.Scan(); {
			var c struct{ Execute string }
			if err := json.Unmarshal(in.Bytes(), &c); err != nil {
				return
			}
			if _, err := io.WriteString(theirs, answers[c.Execute]); err != nil {
				return
			}
		}
	}()
	return &monitor{conn: ours, in: json.NewDecoder(ours)}
}

func TestMonitor(t *testing.T) {
	const gone = `{"event": "DEVICE_DELETED", "data": {"device": "pedal", "path": "/x"}}`
	pulled := func(e event) bool { return e.Name == "DEVICE_DELETED" && e.Data.Device == "pedal" }
	for _, tt := range []struct {
		name, command, answer string
		wait                  bool
		want                  string // of the error; empty: none
	}{
		{"a reply", "quit", `{"return": {}}`, false, ""},
		{"events before the reply", "device_del", gone + `{"event": "RESET"}{"return": {}}`, true, ""},
		{"an event after the reply", "device_del", `{"return": {}}{"event": "RESET"}` + gone, true, ""},
		{"a refusal", "device_add", `{"error": {"class": "GenericError", "desc": "no such bus"}}`, false, "qmp device_add: no such bus"},
		{"not QMP", "quit", `hello`, false, "qmp quit: invalid character"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := scripted(t, map[string]string{tt.command: tt.answer})
			err := m.execute(t.Context(), tt.command, nil, nil)
			if err == nil && tt.wait {
				err = m.wait(t.Context(), pulled)
			}
			if got := fmt.Sprint(err); tt.want == "" && err != nil || !strings.HasPrefix(got, tt.want) && tt.want != "" {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestMonitorHuman(t *testing.T) {
	m := scripted(t, map[string]string{"human-monitor-command": `{"return": "Error: no disk\r\n"}`})
	if err := m.human(t.Context(), "savevm x"); err == nil || !strings.Contains(err.Error(), "no disk") {
		t.Errorf("got %v, want what QEMU said", err)
	}
	m = scripted(t, map[string]string{"human-monitor-command": `{"return": ""}`})
	if err := m.human(t.Context(), "savevm x"); err != nil {
		t.Errorf("got %v, want none", err)
	}
}

func TestMonitorGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer ours.Close()
		defer theirs.Close()
		m := &monitor{conn: ours, in: json.NewDecoder(ours)}
		reason := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, reason)
		defer cancel()
		if err := m.wait(ctx, func(event) bool { return true }); !errors.Is(err, reason) {
			t.Errorf("got %v, want the context's reason", err)
		}
	})
}
