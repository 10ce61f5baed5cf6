package whisper

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		t.Fatal(err)
	}
	return authority{cert, k, file}
}

// serve starts a TLS server whose certificate is for host until then.
func (a authority) serve(t *testing.T, host string, until time.Time, highest uint16) *httptest.Server {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(predecessor))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: a.key}}, MinVersion: tls.VersionTLS10, MaxVersion: highest}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// TestTLS (F-43) checks which certificates and versions of TLS the client accepts.
func TestTLS(t *testing.T) {
	ours, other := newAuthority(t), newAuthority(t)
	later := time.Now().Add(time.Hour)
	for _, tt := range []struct {
		name   string
		server *httptest.Server
		ca     string
		want   Kind
		good   bool
	}{
		{"pinned", ours.serve(t, "127.0.0.1", later, tls.VersionTLS13), ours.file, "", true},
		{"TLS 1.2", ours.serve(t, "127.0.0.1", later, tls.VersionTLS12), ours.file, "", true},
		{"TLS 1.1", ours.serve(t, "127.0.0.1", later, tls.VersionTLS11), ours.file, Untrusted, false},
		{"wrong host", ours.serve(t, "gpu.example", later, tls.VersionTLS13), ours.file, Untrusted, false},
		{"expired", ours.serve(t, "127.0.0.1", time.Now().Add(-time.Hour), tls.VersionTLS13), ours.file, Untrusted, false},
		{"another authority", other.serve(t, "127.0.0.1", later, tls.VersionTLS13), ours.file, Untrusted, false},
		{"unknown to the system", ours.serve(t, "127.0.0.1", later, tls.VersionTLS13), "", Untrusted, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := client(t, Config{URL: tt.server.URL + "/v1/transcribe", CAFile: tt.ca}).Once()
			got, err := c.Transcribe(t.Context(), speech(2500))
			if tt.good && (err != nil || got != heard) || !tt.good && !isKind(err, tt.want) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestTLSToPlainServer(t *testing.T) {
	s := serve(t, predecessor)
	_, err := client(t, Config{URL: strings.Replace(s.URL, "http", "https", 1)}).Once().Transcribe(t.Context(), speech(2500))
	if !isKind(err, Garbled) || !strings.Contains(err.Error(), "TLS") {
		t.Error(err)
	}
}

// No proxy is used unless it was given, and never for this machine.
func TestProxy(t *testing.T) {
	asked := ""
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.Host
		w.WriteHeader(http.StatusForbidden)
	})
	t.Setenv("HTTPS_PROXY", proxy.URL)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("ALL_PROXY", proxy.URL)
	through := func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }
	for _, tt := range []struct {
		name, url string
		proxy     func(*http.Request) (*url.URL, error)
		want      string
	}{
		{"not given", "https://gpu.invalid/v1/transcribe", nil, ""},
		{"given", "https://gpu.invalid/v1/transcribe", through, "CONNECT gpu.invalid:443"},
		{"for this machine", "http://127.0.0.1:1/v1/transcribe", through, ""},
	} {
		asked = ""
		_, err := client(t, Config{URL: tt.url, Proxy: tt.proxy}).Once().Transcribe(t.Context(), speech(2500))
		if err == nil || asked != tt.want {
			t.Errorf("%s: %v, the proxy was asked %q, want %q", tt.name, err, asked, tt.want)
		}
	}
}

// TestNameLeadsElsewhere: the client sends no unencrypted speech to a name that leads to
// a different machine.
func TestNameLeadsElsewhere(t *testing.T) {
	var peer net.Conn
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	var d net.Dialer
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		ip, ok := a.(*net.IPNet)
		if !ok || ip.IP.IsLoopback() || ip.IP.To4() == nil {
			continue
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		if peer, err = d.DialContext(t.Context(), "tcp", net.JoinHostPort(ip.IP.String(), port)); err == nil {
			break
		}
	}
	if peer == nil {
		t.Skip("this machine has only a loopback address")
	}
	defer func() { _ = peer.Close() }()
	r, err := newRecognizer(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.verifyPeer(peer); !isKind(err, Unreachable) {
		t.Errorf("%v, want an error", err)
	}
}

// TestMain is also the program with which a different user occupies a port.
func TestMain(m *testing.M) {
	if os.Getenv("WHISPER_TEST_BOB") == "" {
		os.Exit(m.Run())
	}
	network, target, _ := strings.Cut(os.Getenv("WHISPER_TEST_BOB"), " ")
	l, err := net.Listen(network, target)
	if err != nil {
		log.Fatal(err)
	}
	_, _ = os.Stdout.WriteString(l.Addr().String() + "\n")
	log.Fatal(http.Serve(l, http.HandlerFunc(predecessor)))
}

// TestPortOfAnotherUser (F-20): a different user of this machine occupied the port, or
// made the socket. The test needs root to run as that user.
func TestPortOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		if os.Getenv("VOCODER_DEVICES") == "1" {
			t.Fatal("this test must run as root")
		}
		t.Skip("only root can be another user")
	}
	const bob = 4321
	folder, err := os.MkdirTemp("/tmp", "vocoder-bob-*") // in t.TempDir that user has no rights
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	program := filepath.Join(folder, "server")
	self, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		err = errors.Join(os.Chmod(folder, 0o755), os.WriteFile(program, self, 0o755))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ network, target, url string }{
		{"tcp", "127.0.0.1:0", "http://%s/v1/transcribe"},
		{"unix", "@" + filepath.Base(folder), "unix:%s:/v1/transcribe"},
	} {
		t.Run(tt.network, func(t *testing.T) {
			u := fmt.Sprintf(tt.url, serveAs(t, bob, program, tt.network, tt.target))
			_, err := client(t, Config{URL: u}).Transcribe(t.Context(), speech(2500))
			if !isKind(err, NotOurs) || !strings.Contains(err.Error(), "user 4321") {
				t.Errorf("%v, want a refusal", err)
			}
			if got, err := client(t, Config{URL: u, Owners: []int{bob}}).Transcribe(t.Context(), speech(2500)); err != nil || got != heard {
				t.Errorf("%q, %v: this user is allowed", got, err)
			}
		})
	}
}

// serveAs runs this program as a server of a user, and returns its address.
func serveAs(t *testing.T, user uint32, program, network, target string) string {
	t.Helper()
	cmd := exec.Command(program)
	cmd.Env = []string{"WHISPER_TEST_BOB=" + network + " " + target}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	b := make([]byte, 200)
	n, err := out.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b[:n]))
}
