package systemd

import (
	"context"
	"fmt"
	"os"

	systemd "github.com/coreos/go-systemd/v22/dbus"
)

// ProbeUnit is the transient unit that Probe runs. Its journal says why it failed.
const ProbeUnit = "vocoder-probe.service"

// sandboxSwitches and sandboxWords are the namespaces that the drop-in 50-sandbox.conf
// asks for: systemd.exec(5). On systemd 252 PrivateUsers is what the others need, and
// without user namespaces none of them starts.
var (
	sandboxSwitches = []string{
		"PrivateUsers", "PrivateMounts", "PrivateTmp", "PrivateDevices", "ProtectClock", "ProtectHostname",
		"ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables", "ProtectControlGroups",
	}
	sandboxWords = [][2]string{{"ProtectSystem", "strict"}, {"ProtectHome", "read-only"}, {"ProtectProc", "invisible"}, {"ProcSubset", "pid"}}
)

// Probe runs `vocoder setup --probe` as a transient unit with the namespaces of the
// sandbox. It returns nil if the daemon would work in them.
func (m UserManager) Probe(ctx context.Context) error {
	conn, err := m.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	result, err := runJob(ctx, func(done chan<- string) (int, error) {
		return conn.StartTransientUnitContext(ctx, ProbeUnit, "replace", probeProperties(self), done)
	})
	switch {
	case err != nil:
		return fmt.Errorf("start %s: %w", ProbeUnit, err)
	case result != "done":
		return fmt.Errorf("%s ended as %s", ProbeUnit, result)
	}
	return nil
}

// probeProperties returns the properties of the transient unit. go-systemd has no
// constructor for most of them, so they are copies of properties of the same type
// with their own names.
func probeProperties(self string) []systemd.Property {
	word := func(name, value string) systemd.Property {
		p := systemd.PropType(value)
		p.Name = name
		return p
	}
	all := []systemd.Property{
		systemd.PropExecStart([]string{self, "setup", "--probe"}, false),
		systemd.PropType("oneshot"),
		word("CollectMode", "inactive-or-failed"),
	}
	for _, name := range sandboxSwitches {
		p := systemd.PropRemainAfterExit(true)
		p.Name = name
		all = append(all, p)
	}
	for _, w := range sandboxWords {
		all = append(all, word(w[0], w[1]))
	}
	return all
}
