package machine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// A monitor speaks the QEMU Machine Protocol
// (qemu.org/docs/master/interop/qmp-spec.html): JSON objects, one reply for each command,
// and events at any time. It is safe for concurrent use.
type monitor struct {
	mu     sync.Mutex
	conn   net.Conn
	in     *json.Decoder
	events []event // received while a command waited for its reply
}

type event struct {
	Name string `json:"event"`
	Data struct {
		Device string `json:"device"`
	} `json:"data"`
}

type message struct {
	event
	Return json.RawMessage `json:"return"`
	Error  *struct {
		Desc string `json:"desc"`
	} `json:"error"`
}

// dialMonitor connects to QEMU's socket and negotiates the capabilities.
func dialMonitor(ctx context.Context, path string) (*monitor, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	m := &monitor{conn: conn, in: json.NewDecoder(conn)}
	if err := m.execute(ctx, "qmp_capabilities", nil, nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return m, nil
}

// bound ends reads and writes when ctx ends, until its result is called.
func (m *monitor) bound(ctx context.Context) (release func()) {
	stop := context.AfterFunc(ctx, func() { _ = m.conn.SetDeadline(time.Unix(1, 0)) })
	return func() {
		if !stop() {
			_ = m.conn.SetDeadline(time.Time{}) // the connection outlives this wait
		}
	}
}

// execute runs a command. If result is not nil, it decodes the reply into it.
func (m *monitor) execute(ctx context.Context, name string, arguments, result any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer m.bound(ctx)()
	b, err := json.Marshal(struct {
		Execute   string `json:"execute"`
		Arguments any    `json:"arguments,omitempty"`
	}{name, arguments})
	if err != nil {
		return fmt.Errorf("qmp %s: %v", name, err)
	}
	if _, err := m.conn.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("qmp %s: %w", name, cause(ctx, err))
	}
	for {
		var r message
		if err := m.in.Decode(&r); err != nil {
			return fmt.Errorf("qmp %s: %w", name, cause(ctx, err))
		}
		switch {
		case r.Error != nil:
			return fmt.Errorf("qmp %s: %s", name, r.Error.Desc)
		case r.Return != nil && result != nil:
			return json.Unmarshal(r.Return, result)
		case r.Return != nil:
			return nil
		case r.Name != "":
			m.events = append(m.events, r.event)
		}
	}
}

// wait returns when QEMU has sent an event that is wanted. It discards earlier events.
func (m *monitor) wait(ctx context.Context, wanted func(event) bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.IndexFunc(m.events, wanted); i >= 0 {
		m.events = slices.Delete(m.events, 0, i+1)
		return nil
	}
	m.events = nil
	defer m.bound(ctx)()
	for {
		var r message
		if err := m.in.Decode(&r); err != nil {
			return fmt.Errorf("qmp wait: %w", cause(ctx, err))
		}
		if r.Name != "" && wanted(r.event) {
			return nil
		}
	}
}

// human runs a command of the human monitor. Its reply is a text. For the commands used
// here it is empty, or an error message.
func (m *monitor) human(ctx context.Context, line string) error {
	var said string
	err := m.execute(ctx, "human-monitor-command", map[string]any{"command-line": line}, &said)
	if err == nil && said != "" {
		err = fmt.Errorf("qemu %s: %s", line, said)
	}
	return err
}

func (m *monitor) close() { _ = m.conn.Close() } // QEMU keeps running

// cause returns why a read or write failed: the context's cause if the context has ended.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
