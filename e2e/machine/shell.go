package machine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// root is the user of Run.
const root = "root"

// Run runs a shell command in the machine as root and returns its standard output. If the
// command fails, the error has its exit status and its standard error.
func (m *Machine) Run(ctx context.Context, command string) (string, error) {
	return m.As(ctx, root, command)
}

// As runs a shell command as a user, like Run: as alice, with the environment of her
// graphical session, which is on the screen, or as bob.
func (m *Machine) As(ctx context.Context, user, command string) (string, error) {
	return m.Feed(ctx, user, command, nil)
}

// Feed is like As, and the command reads in from its standard input.
func (m *Machine) Feed(ctx context.Context, user, command string, in io.Reader) (string, error) {
	c, err := m.Command(ctx, user, command)
	if err != nil {
		return "", err
	}
	var out, problem bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = in, &out, &problem
	if err := c.Run(); err != nil {
		return out.String(), fmt.Errorf("run %q as %s: %w: %s", command, user, cause(ctx, err), strings.TrimSpace(problem.String()))
	}
	return out.String(), nil
}

// A Stream is the standard output of a running command in the machine.
type Stream struct {
	io.Reader
	c *exec.Cmd
}

// Close ends the stream. The command ends when it next writes.
func (s *Stream) Close() error {
	_ = s.c.Process.Kill() // it may have ended by itself
	_ = s.c.Wait()         // killed, so always an error
	return nil
}

// Follow starts a command as As does and returns its output. The stream ends with the
// command or with ctx. The caller must close it.
func (m *Machine) Follow(ctx context.Context, user, command string) (*Stream, error) {
	c, err := m.Command(ctx, user, command)
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("follow %q as %s: %w", command, user, err)
	}
	return &Stream{out, c}, nil
}

// Put copies a file of the host into the machine, with its mode, owned by root.
func (m *Machine) Put(ctx context.Context, local, remote string) error {
	return m.copy(ctx, local, root+"@127.0.0.1:"+remote)
}

// Get copies a file out of the machine.
func (m *Machine) Get(ctx context.Context, remote, local string) error {
	return m.copy(ctx, root+"@127.0.0.1:"+remote, local)
}

func (m *Machine) copy(ctx context.Context, from, to string) error {
	if err := m.connect(ctx, root); err != nil {
		return err
	}
	_, err := run(ctx, "scp", append(m.sshOptions(root), "-q", "-p", "-P", m.port, from, to)...)
	return err
}

// Forward connects the guest's 127.0.0.1:port to a TCP address of the host, until
// Unforward, Save or Load.
func (m *Machine) Forward(ctx context.Context, port int, host string) error {
	if err := m.connect(ctx, root); err != nil {
		return err
	}
	return m.control(ctx, root, "forward", "-R", fmt.Sprintf("127.0.0.1:%d:%s", port, host))
}

// Unforward ends a Forward. The guest then refuses new connections to the port. Existing
// ones stay until the host's side closes them.
func (m *Machine) Unforward(ctx context.Context, port int, host string) error {
	return m.control(ctx, root, "cancel", "-R", fmt.Sprintf("127.0.0.1:%d:%s", port, host))
}

// Command returns a command in the machine that is not started yet, so that the caller can
// connect its input and output. An empty command is a login shell on a terminal.
func (m *Machine) Command(ctx context.Context, user, command string) (*exec.Cmd, error) {
	if err := m.connect(ctx, user); err != nil {
		return nil, err
	}
	if command == "" {
		return exec.CommandContext(ctx, "ssh", append([]string{"-t"}, m.ssh(user)...)...), nil
	}
	return exec.CommandContext(ctx, "ssh", m.ssh(user, command)...), nil
}

func (m *Machine) sshOptions(user string) []string {
	return []string{
		"-F", "none", "-i", m.image.key(), "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR",
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
		"-o", "ControlPath=" + m.controlPath(user),
	}
}

func (m *Machine) controlPath(user string) string { return filepath.Join(m.dir, "ssh-"+user) }

// ssh returns a command that runs ssh as user, with more arguments at its end.
func (m *Machine) ssh(user string, rest ...string) []string {
	args := append(m.sshOptions(user), "-p", m.port, user+"@127.0.0.1")
	return append(args, rest...)
}

// connect opens the ssh connection that all commands of a user share. On an emulated
// processor each connection takes a second or more.
func (m *Machine) connect(ctx context.Context, user string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := os.Stat(m.controlPath(user)); err == nil {
		return nil
	}
	log, err := os.OpenFile(filepath.Join(m.dir, "ssh.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{"-fN", "-o", "ControlMaster=yes", "-o", "ControlPersist=yes", "-o", "ConnectTimeout=30"}
	c := exec.CommandContext(ctx, "ssh", append(args, m.ssh(user)...)...)
	// ssh continues in the background with its standard output and error. Wait would
	// wait for a pipe.
	c.Stderr = log
	if err := c.Run(); err != nil {
		return fmt.Errorf("connect to the machine as %s: %w\n%s", user, cause(ctx, err), tail(log.Name(), 5))
	}
	return nil
}

func (m *Machine) control(ctx context.Context, user, what string, rest ...string) error {
	args := append([]string{"-O", what}, rest...)
	_, err := run(ctx, "ssh", append(args, m.ssh(user)...)...)
	return err
}

// disconnect closes all ssh connections, because a jump of the machine's clock breaks them.
func (m *Machine) disconnect(ctx context.Context) error {
	open, err := filepath.Glob(m.controlPath("*"))
	if err != nil {
		return err
	}
	for _, path := range open {
		_, user, _ := strings.Cut(filepath.Base(path), "-")
		if err := m.control(ctx, user, "exit"); err != nil {
			return err
		}
	}
	return nil
}
