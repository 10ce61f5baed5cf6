// Package address reads the addresses of recognizers.
package address

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// An Address is where a recognizer listens, and how to talk to it.
type Address struct {
	Network string   // tcp or unix
	Target  string   // what to dial: host:port or the path of a socket
	Secure  bool     // by TLS
	Bare    bool     // Wyoming, without HTTP
	URL     *url.URL // its path is "" if the settings name none
}

// Parse reads an address of the settings. Its errors do not repeat it, because it may hold a
// password.
func Parse(s string) (Address, error) {
	if rest, ok := strings.CutPrefix(s, "unix:"); ok {
		return parseUnix(rest)
	}
	u, err := url.Parse(s)
	if err != nil {
		return Address{}, errors.New("it is not a URL")
	}
	if u.Opaque != "" && u.Scheme == "tcp" { // tcp:host:port
		u.Host, u.Opaque = u.Opaque, ""
	}
	a := Address{Network: "tcp", URL: u}
	ports := map[string]string{"http": "80", "https": "443", "tcp": "10300"}
	port, ok := ports[u.Scheme]
	switch {
	case !ok:
		return a, fmt.Errorf("scheme %q, want http, https, unix or tcp", u.Scheme)
	case u.Hostname() == "":
		return a, errors.New("it names no host")
	case u.User != nil:
		return a, errors.New("it holds a password; put the key in a file and name that")
	case u.Fragment != "":
		return a, errors.New("it has a fragment, which means nothing here")
	case !isPort(cmp.Or(u.Port(), port)):
		return a, errors.New("a port is a number from 1 to 65535")
	}
	a.Secure, a.Bare = u.Scheme == "https", u.Scheme == "tcp"
	if !a.Secure && !isLoopback(u.Hostname()) {
		return a, inTheClear(u, cmp.Or(u.Port(), port))
	}
	if a.Bare && strings.Trim(u.Path, "/") != "" {
		return a, errors.New("tcp takes a host and a port and no path")
	}
	a.Target = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
	if a.Bare {
		u.Host = a.Target
	}
	if u.Path == "/" {
		u.Path = ""
	}
	return a, nil
}

// isPort reports whether s is the number of a port.
func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// inTheClear returns the error for an address of another machine, which names a tunnel.
func inTheClear(u *url.URL, port string) error {
	here := port
	if len(port) < len("1024") { // only root may listen there
		here = "8080"
	}
	return fmt.Errorf("%s to another machine would send speech in the clear: use https, or `ssh -N -L %s:127.0.0.1:%s %s` and %s://127.0.0.1:%[2]s",
		u.Scheme, here, port, u.Hostname(), u.Scheme)
}

// parseUnix reads what follows unix: the path of a socket, then perhaps : and a path of
// HTTP.
func parseUnix(rest string) (Address, error) {
	if after, ok := strings.CutPrefix(rest, "///"); ok {
		rest = "/" + after
	}
	socket, path, _ := strings.Cut(rest, ":")
	if !filepath.IsAbs(socket) && !strings.HasPrefix(socket, "@") {
		return Address{}, errors.New("unix wants the whole path of a socket, as unix:/run/user/1000/whisper.sock")
	}
	if path != "" && path[0] != '/' {
		return Address{}, errors.New("the path after the socket must begin with /")
	}
	u, err := url.Parse("http://localhost" + path)
	if err != nil {
		return Address{}, errors.New("the path after the socket is not one")
	}
	if u.Path == "/" {
		u.Path = ""
	}
	return Address{Network: "unix", Target: socket, URL: u}, nil
}

// At returns the address of a path for users and logs, without its query.
func (a Address) At(u *url.URL) string {
	if a.Network == "unix" {
		if u.Path == "" {
			return "unix:" + a.Target
		}
		return "unix:" + a.Target + ":" + u.Path
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// Name returns the address without its path, short enough to be shown while the user speaks.
func (a Address) Name() string {
	if a.Network == "unix" {
		return filepath.Base(a.Target)
	}
	return a.URL.Host
}

// isLoopback reports whether host is this machine. The client checks again where a name leads.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
