package whisper

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
)

// An address is the parsed address of a recognizer.
type address struct {
	network string   // tcp or unix
	target  string   // what to dial: host:port or the path of a socket
	secure  bool     // by TLS
	bare    bool     // Wyoming, without HTTP
	url     *url.URL // its path is "" if the settings name none
}

// parseAddress reads a URL of Config. Its errors do not repeat the URL, which
// may hold a password.
func parseAddress(s string) (address, error) {
	if s == "" {
		s = DefaultURL
	}
	if rest, ok := strings.CutPrefix(s, "unix:"); ok {
		return parseUnix(rest)
	}
	u, err := url.Parse(s)
	if err != nil {
		return address{}, errors.New("it is not a URL")
	}
	if u.Opaque != "" && u.Scheme == "tcp" { // tcp:host:port
		u.Host, u.Opaque = u.Opaque, ""
	}
	a := address{network: "tcp", url: u}
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
	}
	a.secure, a.bare = u.Scheme == "https", u.Scheme == "tcp"
	if !a.secure && !isLoopback(u.Hostname()) {
		return a, fmt.Errorf("%s to another machine would send speech in the clear: use https", u.Scheme)
	}
	if a.bare && strings.Trim(u.Path, "/") != "" {
		return a, errors.New("tcp takes a host and a port and no path")
	}
	a.target = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
	if a.bare {
		u.Host = a.target
	}
	if u.Path == "/" {
		u.Path = ""
	}
	return a, nil
}

// parseUnix reads what follows unix: the path of a socket, then perhaps : and a path of
// HTTP.
func parseUnix(rest string) (address, error) {
	if after, ok := strings.CutPrefix(rest, "///"); ok {
		rest = "/" + after
	}
	socket, path, _ := strings.Cut(rest, ":")
	if !filepath.IsAbs(socket) && !strings.HasPrefix(socket, "@") {
		return address{}, errors.New("unix wants the whole path of a socket, as unix:/run/user/1000/whisper.sock")
	}
	if path != "" && path[0] != '/' {
		return address{}, errors.New("the path after the socket must begin with /")
	}
	u, err := url.Parse("http://localhost" + path)
	if err != nil {
		return address{}, errors.New("the path after the socket is not one")
	}
	if u.Path == "/" {
		u.Path = ""
	}
	return address{network: "unix", target: socket, url: u}, nil
}

// at returns the address of a path for users and logs, without its query.
func (a address) at(u *url.URL) string {
	if a.network == "unix" {
		if u.Path == "" {
			return "unix:" + a.target
		}
		return "unix:" + a.target + ":" + u.Path
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// isLoopback reports whether host is this machine. verifyPort checks again where a name
// leads.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
