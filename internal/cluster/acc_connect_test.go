// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// spelledOut is how the administrator of the test's cluster connects, without a kubeconfig.
func (p *testProject) spelledOut() Config {
	p.t.Helper()
	config := rest.CopyConfig(p.admin.Config)
	p.ok(rest.LoadTLSFiles(config))
	return Config{
		Host: config.Host, ClusterCACertificate: string(config.CAData),
		ClientCertificate: string(config.CertData), ClientKey: string(config.KeyData), Token: config.BearerToken,
	}
}

// token is that of a service account which may do all with the secrets of the project.
func (p *testProject) token() string {
	p.t.Helper()
	return p.admin.User(p.name, "connects", manage)
}

func (p *testProject) file(name, content string, mode os.FileMode) string {
	p.t.Helper()
	path := filepath.Join(p.t.TempDir(), name)
	p.ok(os.WriteFile(path, []byte(content), mode))
	return path
}

// reaches reads what is not there, which only works with credentials that are accepted.
func (p *testProject) reaches(config Config) error {
	p.t.Helper()
	_, err := New("far", config, testOptions()).Get(soon(p.t), p.ref("none"))
	if IsNotFound(err) {
		return nil
	}
	return err
}

func TestAccConnect(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	admin := p.spelledOut()
	token := p.token()
	exec := p.file("credentials", `#!/bin/sh
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'"$PREFIX$1"'"}}'
`, 0o700)
	proxy, proxied := connectProxy(t)
	for name, config := range map[string]Config{
		"client certificate":  admin,
		"token":               {Host: admin.Host, ClusterCACertificate: admin.ClusterCACertificate, Token: token},
		"token file":          {Host: admin.Host, ClusterCACertificate: admin.ClusterCACertificate, TokenFile: p.file("token", token, 0o600)},
		"any certificate":     {Host: admin.Host, Insecure: ptr.To(true), Token: token},
		"a host without URL":  {Host: strings.TrimPrefix(admin.Host, "https://"), ClusterCACertificate: admin.ClusterCACertificate, Token: token},
		"name of certificate": {Host: admin.Host, ClusterCACertificate: admin.ClusterCACertificate, TLSServerName: "127.0.0.1", Token: token},
		"proxy":               {Host: admin.Host, ClusterCACertificate: admin.ClusterCACertificate, Token: token, ProxyURL: proxy},
		"credential plugin": {Host: admin.Host, ClusterCACertificate: admin.ClusterCACertificate, Exec: &Exec{
			APIVersion: "client.authentication.k8s.io/v1", Command: exec, Args: []string{token[10:]}, Env: map[string]string{"PREFIX": token[:10]},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := p.reaches(config); err != nil {
				t.Error(err)
			}
		})
	}
	if proxied.Load() == 0 {
		t.Error("the proxy was not used")
	}
}

// connectProxy tunnels, as an HTTP proxy does for HTTPS, and counts.
func connectProxy(t *testing.T) (string, *atomic.Int64) {
	t.Helper()
	count := &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count.Add(1)
		target, err := net.Dial("tcp", r.Host)
		if err != nil || r.Method != http.MethodConnect {
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(target, conn); _ = target.Close() }()
		go func() { _, _ = io.Copy(conn, target); _ = conn.Close() }()
	}))
	t.Cleanup(server.Close)
	return server.URL, count
}

// User name and password, which Kubernetes itself knows no more, and proxies in front of it do.
func TestAccConnectByPassword(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	upstream, err := url.Parse(p.observe(p.config, nil).config.Host)
	p.ok(err)
	forward := httputil.NewSingleHostReverseProxy(upstream)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "ali" || password != "open sesame" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	if err := p.reaches(Config{Host: server.URL, Insecure: ptr.To(true), Username: "ali", Password: "open sesame"}); err != nil {
		t.Error(err)
	}
	if err := p.reaches(Config{Host: server.URL, Insecure: ptr.To(true), Username: "ali", Password: "close sesame"}); !IsUnavailable(err) {
		t.Errorf("a wrong password: %v", err)
	}
}

// A token file that rotates is read again, within a minute (client-go).
func TestAccTokenFileRotates(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	admin := p.spelledOut()
	token := p.token()
	file := p.file("token", "expired", 0o600)
	c := New("far", Config{Host: admin.Host, ClusterCACertificate: admin.ClusterCACertificate, TokenFile: file}, testOptions())
	if _, err := c.Get(soon(t), p.ref("none")); err == nil || !strings.Contains(err.Error(), "Renew them") {
		t.Errorf("an expired token: %v", err)
	}
	p.ok(os.WriteFile(file, []byte(token), 0o600))
	acctest.Eventually(t, "the new token is used", func() (bool, string) {
		_, err := c.Get(soon(t), p.ref("none"))
		return IsNotFound(err), fmt.Sprint(err)
	})
}

// Whatever is wrong with a connection, the error says in which cluster and what to do.
func TestAccConnectErrors(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	admin := p.spelledOut()
	other := httptest.NewTLSServer(nil)
	t.Cleanup(other.Close)
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.Certificate().Raw}))
	trusted := func(c Config) Config {
		c.Host, c.ClusterCACertificate = admin.Host, admin.ClusterCACertificate
		return c
	}
	plugin := func(command string) Config {
		return Config{Exec: &Exec{APIVersion: "client.authentication.k8s.io/v1", Command: command}}
	}
	for name, test := range map[string]struct {
		config Config
		text   string
	}{
		"expired token":     {trusted(Config{Token: "expired"}), "rejected the credentials"},
		"no token file":     {trusted(Config{TokenFile: "/no/such/file"}), "/no/such/file"},
		"unknown authority": {Config{Host: admin.Host, ClusterCACertificate: authority, Token: "t"}, "Set cluster_ca_certificate"},
		"other name":        {trusted(Config{TLSServerName: "example.com", Token: "t"}), "tls_server_name"},
		"no such plugin":    {trusted(plugin("no-such-plugin")), "no-such-plugin"},
		"failing plugin":    {trusted(plugin(p.file("fails", "#!/bin/sh\nexit 3\n", 0o700))), "exit code 3"},
		"no kubeconfig":     {Config{ConfigPaths: []string{"/no/such/kubeconfig"}}, "/no/such/kubeconfig"},
		"no such context":   {Config{ConfigContext: "no-such-context"}.WithEnvironment(os.Getenv), "no-such-context"},
		"plain HTTP":        {Config{Host: strings.Replace(admin.Host, "https", "http", 1)}, "answered 400"},
		"no proxy":          {trusted(Config{Token: "t", ProxyURL: "http://127.0.0.1:1"}), "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := p.reaches(test.config)
			if err == nil || !strings.Contains(err.Error(), test.text) || !strings.Contains(err.Error(), `"far"`) {
				t.Errorf("%v does not say %q and the cluster", err, test.text)
			}
		})
	}
}

// An error about a forbidden request names the missing permission.
func TestAccMissingRight(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	c := p.as("reader", getter)
	_, err := c.List(soon(t), airm.KindExternalSecret, p.name, "")
	for _, text := range []string{"list", "externalsecrets", p.name, "reader", `"test"`, "Grant the permission"} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q is missing in: %v", text, err)
		}
	}
}
