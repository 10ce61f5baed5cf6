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

// root is the user that Run runs commands as.
const root = "root"

// Run runs a shell command in the machine as root and returns what it wrote to
// standard output. A command that fails is an error that holds its exit status
// and what it wrote to standard error.
func (m *Machine) Run(ctx context.Context, command string) (string, error) {
	return m.As(ctx, root, command)
}

// As is Run for another user: alice, whose graphical session is on the screen
// and whose commands have that session's environment, or bob.
func (m *Machine) As(ctx context.Context, user, command string) (string, error) {
	return m.Feed(ctx, user, command, nil)
}

// Feed is As with something to read on the command's standard input.
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

// A Stream is what a command in the machine writes to standard output, as it
// comes.
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

// Follow starts a command as As does and returns its output. The stream ends
// with the command or with ctx, and must be closed.
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

// Forward makes the guest's own 127.0.0.1:port reach a TCP address of the host,
// until Unforward or a snapshot is saved or loaded.
func (m *Machine) Forward(ctx context.Context, port int, host string) error {
	if err := m.connect(ctx, root); err != nil {
		return err
	}
	return m.control(ctx, root, "forward", "-R", fmt.Sprintf("127.0.0.1:%d:%s", port, host))
}

// Unforward undoes a Forward: connections to the guest's port are refused from
// now on. Those that stand stay until the host's side closes them.
func (m *Machine) Unforward(ctx context.Context, port int, host string) error {
	return m.control(ctx, root, "cancel", "-R", fmt.Sprintf("127.0.0.1:%d:%s", port, host))
}

// Command returns a command in the machine that has not been started, for a
// caller who connects its ends. An empty command is a login shell on a terminal.
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

// ssh is ssh's command line for user, ended by what else is asked of it.
func (m *Machine) ssh(user string, rest ...string) []string {
	args := append(m.sshOptions(user), "-p", m.port, user+"@127.0.0.1")
	return append(args, rest...)
}

// connect opens the one ssh connection that all commands of a user share: on an
// interpreted processor each one costs a second or more.
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
	// The ssh that goes on in the background keeps what it was given; a pipe
	// would be waited for.
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

// disconnect closes all ssh connections: they do not survive a jump in the
// machine's time.
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
