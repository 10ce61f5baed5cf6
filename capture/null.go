package capture

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jfreymuth/pulse/proto"
)

// moduleNull is the module of the server that creates an output without a device.
// Source: freedesktop.org/wiki/Software/PulseAudio/Documentation/User/Modules.
const moduleNull = "module-null-sink"

// A Null is an output without a device. A recording from its source has the sound that
// is played to it. The output remains when the connection that created it ends, also
// when this process dies. Close removes it, and so does SweepNulls in any process. The
// methods of a Null are for one goroutine.
type Null struct {
	name   string
	cfg    Config
	module uint32
}

// OpenNull creates an output. The name must have letters, digits and underscores alone.
// Of conf it uses Server and Cookies. Errors wrap ErrServer.
func OpenNull(ctx context.Context, conf Config, name string) (*Null, error) {
	n := &Null{name: name, cfg: Config{Server: conf.Server, Cookies: conf.Cookies}}
	err := n.cfg.withConnection(ctx, func(conn *connection) error {
		var reply proto.LoadModuleReply
		err := conn.ask("make an output", &proto.LoadModule{Name: moduleNull,
			Args: fmt.Sprintf("sink_name=%s rate=48000 sink_properties=device.description=%s", name, name)}, &reply)
		n.module = reply.ModuleIndex
		return err
	})
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Output returns the server's name of the output, for Player.Output.
func (n *Null) Output() string { return n.name }

// Source returns the server's name of the source that records the output, for
// Config.Source.
func (n *Null) Source() string { return n.name + ".monitor" }

// Close removes the output. It returns nil if the output does not exist any more. Errors
// wrap ErrServer.
func (n *Null) Close(ctx context.Context) error {
	return n.cfg.withConnection(ctx, func(conn *connection) error { return unload(conn, n.module) })
}

func unload(conn *connection, module uint32) error {
	err := conn.ask("remove the output", &proto.UnloadModule{ModuleIndex: module}, nil)
	if errors.Is(err, proto.ErrNoSuchEntity) {
		return nil
	}
	return err
}

// SweepNulls removes the outputs of OpenNull for whose name unwanted returns true, and
// returns their number. Of conf it uses Server and Cookies. Errors wrap ErrServer.
func SweepNulls(ctx context.Context, conf Config, unwanted func(name string) bool) (int, error) {
	swept := 0
	err := conf.withConnection(ctx, func(conn *connection) error {
		var all proto.GetModuleInfoListReply
		if err := conn.ask("list modules", &proto.GetModuleInfoList{}, &all); err != nil {
			return err
		}
		for _, m := range all {
			name, ours := nullName(m.ModuleName, m.ModuleArgs)
			if !ours || !unwanted(name) {
				continue
			}
			if err := unload(conn, m.ModuleIndex); err != nil {
				return err
			}
			swept++
		}
		return nil
	})
	return swept, err
}

// nullName returns the name of the output that a module created.
func nullName(module, args string) (string, bool) {
	if module != moduleNull {
		return "", false
	}
	for _, arg := range strings.Fields(args) {
		if name, ok := strings.CutPrefix(arg, "sink_name="); ok {
			return strings.Trim(name, `"'`), true
		}
	}
	return "", false
}

// ServerName returns the name and the version of the server, such as "pulseaudio 16.1".
// Of conf it uses Server and Cookies. Errors wrap ErrServer.
func ServerName(ctx context.Context, conf Config) (string, error) {
	name := ""
	err := conf.withConnection(ctx, func(conn *connection) error {
		var info proto.GetServerInfoReply
		err := conn.ask("ask for the name", &proto.GetServerInfo{}, &info)
		name = info.PackageName + " " + info.PackageVersion
		return err
	})
	return name, err
}
