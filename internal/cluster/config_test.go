// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/utils/ptr"
)

func env(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestConfigWithEnvironment(t *testing.T) {
	type vars map[string]string
	login := &Exec{Command: "login"}
	logins := vars{"KUBE_TOKEN": "t", "KUBE_USER": "u", "KUBE_PASSWORD": "p", "KUBE_CLIENT_CERT_DATA": "c", "KUBE_CLIENT_KEY_DATA": "k"}
	for _, c := range []struct {
		name   string
		config Config
		env    vars
		want   Config
	}{
		{"nothing", Config{}, nil, Config{}},
		{"arguments win", Config{Host: "https://a", Token: "t"}, vars{"KUBE_HOST": "https://b", "KUBE_TOKEN": "u"},
			Config{Host: "https://a", Token: "t"}},
		{"the environment fills in", Config{Host: "https://a"}, vars{"KUBE_TOKEN": "u", "KUBE_INSECURE": "true", "KUBE_PROXY_URL": "http://p"},
			Config{Host: "https://a", Token: "u", Insecure: ptr.To(true), ProxyURL: "http://p"}},
		{"all variables", Config{}, vars{
			"KUBE_HOST": "h", "KUBE_TOKEN": "t", "KUBE_USER": "u", "KUBE_PASSWORD": "p", "KUBE_CLIENT_CERT_DATA": "c", "KUBE_CLIENT_KEY_DATA": "k",
			"KUBE_CLUSTER_CA_CERT_DATA": "ca", "KUBE_TLS_SERVER_NAME": "n", "KUBE_CTX": "x", "KUBE_CTX_AUTH_INFO": "xa", "KUBE_CTX_CLUSTER": "xc",
		}, Config{
			Host: "h", Token: "t", Username: "u", Password: "p", ClientCertificate: "c", ClientKey: "k", ClusterCACertificate: "ca",
			TLSServerName: "n", ConfigContext: "x", ConfigContextUser: "xa", ConfigContextCluster: "xc",
		}},
		{"a host hides every kubeconfig", Config{Host: "https://a"},
			vars{"KUBE_CONFIG_PATH": "/p", "KUBE_CONFIG_PATHS": "/q", "KUBECONFIG": "/k"},
			Config{Host: "https://a"}},
		{"so does a host of the environment", Config{}, vars{"KUBE_HOST": "h", "KUBECONFIG": "/k"}, Config{Host: "h"}},
		{"a kubeconfig hides KUBE_HOST", Config{ConfigPaths: []string{"/mine"}}, vars{"KUBE_HOST": "h", "KUBECONFIG": "/k"},
			Config{ConfigPaths: []string{"/mine"}}},
		{"KUBE_CONFIG_PATH before the others", Config{}, vars{"KUBE_CONFIG_PATH": "/p", "KUBE_CONFIG_PATHS": "/q", "KUBECONFIG": "/k"},
			Config{ConfigPaths: []string{"/p"}}},
		{"KUBE_CONFIG_PATHS before KUBECONFIG", Config{}, vars{"KUBE_CONFIG_PATHS": pathList("/q", "/r"), "KUBECONFIG": "/k"},
			Config{ConfigPaths: []string{"/q", "/r"}}},
		{"KUBECONFIG last", Config{ConfigContext: "c"}, vars{"KUBECONFIG": pathList("/k", "/l")},
			Config{ConfigPaths: []string{"/k", "/l"}, ConfigContext: "c"}},
		{"an explicit false wins", Config{Insecure: ptr.To(false)}, vars{"KUBE_INSECURE": "true"}, Config{Insecure: ptr.To(false)}},
		{"an explicit true wins", Config{Insecure: ptr.To(true)}, vars{"KUBE_INSECURE": "false", "KUBE_CLUSTER_CA_CERT_DATA": "ca"},
			Config{Insecure: ptr.To(true)}},
		{"an authority is to be checked", Config{ClusterCACertificate: "ca"}, vars{"KUBE_INSECURE": "true"}, Config{ClusterCACertificate: "ca"}},
		{"a token file", Config{TokenFile: "/t"}, vars{"KUBE_TOKEN": "u", "KUBE_USER": "u", "KUBE_CLIENT_CERT_DATA": "c"},
			Config{TokenFile: "/t"}},
		{"a user, and the password of the environment", Config{Username: "ali"}, vars{"KUBE_PASSWORD": "p", "KUBE_TOKEN": "u"},
			Config{Username: "ali", Password: "p"}},
		{"a certificate, and the key of the environment", Config{ClientCertificate: "c"}, vars{"KUBE_CLIENT_KEY_DATA": "k", "KUBE_TOKEN": "u"},
			Config{ClientCertificate: "c", ClientKey: "k"}},
		{"a plugin", Config{Exec: login}, vars{"KUBE_TOKEN": "u", "KUBE_USER": "u"}, Config{Exec: login}},
		{"the text of a kubeconfig hides all others", Config{Kubeconfig: "text"},
			vars{"KUBE_HOST": "h", "KUBE_CONFIG_PATH": "/p", "KUBECONFIG": "/k", "KUBE_CTX": "x"},
			Config{Kubeconfig: "text", ConfigContext: "x"}},
		{"a text says itself whom to trust", Config{Kubeconfig: "text"},
			vars{"KUBE_INSECURE": "true", "KUBE_CLUSTER_CA_CERT_DATA": "ca", "KUBE_TLS_SERVER_NAME": "n"},
			Config{Kubeconfig: "text"}},
		{"a text says itself who logs in", Config{Kubeconfig: "text"}, logins, Config{Kubeconfig: "text"}},
		{"half a login beside a text, and the other half of the environment", Config{Kubeconfig: "text", Username: "ali"}, logins,
			Config{Kubeconfig: "text", Username: "ali", Password: "p"}},
		{"a variable adds to a file, as in the kubernetes provider", Config{ConfigPaths: []string{"/mine"}}, vars{"KUBE_TOKEN": "u"},
			Config{ConfigPaths: []string{"/mine"}, Token: "u"}},
		{"no boolean", Config{}, vars{"KUBE_INSECURE": "perhaps"}, Config{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.config.WithEnvironment(env(c.env)); !equalConfigs(got, c.want) {
				t.Errorf("%+v\nnot\n%+v", got, c.want)
			}
		})
	}
}

func pathList(paths ...string) string { return strings.Join(paths, string(os.PathListSeparator)) }

func equalConfigs(a, b Config) bool {
	if strings.Join(a.ConfigPaths, "|") != strings.Join(b.ConfigPaths, "|") || a.Exec != b.Exec {
		return false
	}
	// The rest is comparable field by field.
	plain := func(c Config) [17]any {
		return [17]any{c.Insecure == nil, c.Kubeconfig, c.Host, c.Token, c.TokenFile, c.Username, c.Password,
			c.ClientCertificate, c.ClientKey, c.ClusterCACertificate,
			ptr.Deref(c.Insecure, false), c.TLSServerName, c.ProxyURL, c.ConfigContext, c.ConfigContextUser, c.ConfigContextCluster}
	}
	return plain(a) == plain(b)
}

// kubeconfig has two contexts with a server and a token each.
const kubeconfig = `
apiVersion: v1
kind: Config
current-context: one
clusters:
  - {name: one, cluster: {server: "https://one.example.com", insecure-skip-tls-verify: true}}
  - {name: two, cluster: {server: "https://two.example.com"}}
users:
  - {name: one, user: {token: token-one}}
  - {name: two, user: {token: token-two}}
contexts:
  - {name: one, context: {cluster: one, user: one}}
  - {name: two, context: {cluster: two, user: two}}
`

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConfigREST(t *testing.T) {
	path := writeFile(t, kubeconfig)
	for _, c := range []struct {
		name        string
		config      Config
		host, token string
	}{
		{"current context", Config{ConfigPaths: []string{path}}, "https://one.example.com", "token-one"},
		{"another context", Config{ConfigPaths: []string{path}, ConfigContext: "two"}, "https://two.example.com", "token-two"},
		{"another user", Config{ConfigPaths: []string{path}, ConfigContextUser: "two"}, "https://one.example.com", "token-two"},
		{"another cluster", Config{ConfigPaths: []string{path}, ConfigContextCluster: "two"}, "https://two.example.com", "token-one"},
		{"a token of one's own", Config{ConfigPaths: []string{path}, Token: "mine"}, "https://one.example.com", "mine"},
		{"merged files", Config{ConfigPaths: []string{writeFile(t, "apiVersion: v1\nkind: Config\ncurrent-context: two\n"), path}},
			"https://two.example.com", "token-two"},
		{"a text", Config{Kubeconfig: kubeconfig}, "https://one.example.com", "token-one"},
		{"a text in JSON", Config{Kubeconfig: `{"current-context":"c","clusters":[{"name":"a","cluster":{"server":"https://one.example.com"}}],` +
			`"users":[{"name":"u","user":{"token":"token-one"}}],"contexts":[{"name":"c","context":{"cluster":"a","user":"u"}}]}`}, "https://one.example.com", "token-one"},
		{"another context of a text", Config{Kubeconfig: kubeconfig, ConfigContext: "two"}, "https://two.example.com", "token-two"},
		{"another user of a text", Config{Kubeconfig: kubeconfig, ConfigContextUser: "two"}, "https://one.example.com", "token-two"},
		{"another cluster of a text", Config{Kubeconfig: kubeconfig, ConfigContextCluster: "two"}, "https://two.example.com", "token-one"},
		{"a token beside a text", Config{Kubeconfig: kubeconfig, Token: "mine"}, "https://one.example.com", "mine"},
		{"a host beside a text", Config{Kubeconfig: kubeconfig, Host: "https://three.example.com"}, "https://three.example.com", "token-one"},
		{"a host", Config{Host: "https://three.example.com", Token: "t"}, "https://three.example.com", "t"},
		{"a host, and a context of the environment", Config{
			Host: "https://three.example.com", Token: "t", ConfigContext: "two", ConfigContextUser: "two", ConfigContextCluster: "two",
		}, "https://three.example.com", "t"},
		{"a host without a scheme", Config{Host: "three.example.com:6443", Token: "t"}, "https://three.example.com:6443", "t"},
		{"no credentials over plain HTTP", Config{Host: "http://three.example.com", Token: "t"}, "http://three.example.com", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.config.REST()
			if err != nil {
				t.Fatal(err)
			}
			if got.Host != c.host || got.BearerToken != c.token {
				t.Errorf("%s %s", got.Host, got.BearerToken)
			}
		})
	}
}

func TestConfigExec(t *testing.T) {
	got, err := Config{Host: "https://a", Exec: &Exec{
		APIVersion: "client.authentication.k8s.io/v1", Command: "login", Args: []string{"-x"}, Env: map[string]string{"REGION": "eu"},
	}}.REST()
	if err != nil {
		t.Fatal(err)
	}
	plugin := got.ExecProvider
	if plugin == nil || plugin.Command != "login" || len(plugin.Args) != 1 || len(plugin.Env) != 1 || plugin.Env[0].Value != "eu" {
		t.Fatalf("%+v", plugin)
	}
	if plugin.InteractiveMode != "Never" {
		t.Errorf("the plugin may read the terminal: %s", plugin.InteractiveMode)
	}
}

func TestConfigErrors(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	path := writeFile(t, kubeconfig)
	for _, c := range []struct {
		name   string
		config Config
		text   string
	}{
		{"nothing", Config{}, "no cluster is configured"},
		{"missing file", Config{ConfigPaths: []string{"/no/such/file"}}, `kubeconfig "/no/such/file" cannot be read`},
		{"one of two missing", Config{ConfigPaths: []string{path, "/no/such/file"}}, `kubeconfig "/no/such/file" cannot be read`},
		{"missing context", Config{ConfigPaths: []string{path}, ConfigContext: "three"}, `"three"`},
		{"empty file", Config{ConfigPaths: []string{writeFile(t, "")}}, "names no cluster"},
		{"missing context of a text", Config{Kubeconfig: kubeconfig, ConfigContext: "three"}, `"three"`},
		{"a text without a cluster", Config{Kubeconfig: "token-one: x"}, "argument kubeconfig) names no cluster"},
		{"a text that is no YAML", Config{Kubeconfig: "kind: Config\nusers:\n- {token-one: [\n"}, "not a kubeconfig (line 3)"},
		{"a text of another shape", Config{Kubeconfig: "users: token-one"}, "argument kubeconfig is not a kubeconfig"},
		{"the name of a file for a text", Config{Kubeconfig: "~/.kube/token-one"}, "not its path (that is config_path)"},
		{"base64 for a text", Config{Kubeconfig: base64.StdEncoding.EncodeToString([]byte(kubeconfig))}, "or its base64"},
		{"another kind", Config{Kubeconfig: "apiVersion: v1\nkind: Secret\nstringData: {x: token-one}"},
			"argument kubeconfig is not a kubeconfig"},
		{"base64 in a text that is none", Config{Kubeconfig: "clusters: [{name: a, cluster: {certificate-authority-data: '%token-one'}}]"}, "argument kubeconfig is not a kubeconfig"},
		{"no YAML", Config{ConfigPaths: []string{writeFile(t, "{")}}, "kubeconfig"},
		{"a file with a credential that is no YAML", Config{ConfigPaths: []string{path, writeFile(t, "users: [{user: {token: *token-one}}]")}},
			`kubeconfig" is not a kubeconfig. Its content is not shown, because it may contain credentials`},
		{"a file of another shape", Config{ConfigPaths: []string{writeFile(t, "users:\n- token-one: [\n")}}, "is not a kubeconfig (line 2)"},
		{"a folder", Config{ConfigPaths: []string{t.TempDir()}}, "is a directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config, err := c.config.REST()
			if err == nil {
				t.Fatalf("it was accepted: %s", config.Host)
			}
			if !strings.Contains(err.Error(), c.text) {
				t.Errorf("%q is missing in %q", c.text, err)
			}
			if strings.Contains(err.Error(), "token-one") {
				t.Errorf("a credential is in %q", err)
			}
		})
	}
	if _, err := (Config{}).REST(); !errors.Is(err, ErrNoConfig) {
		t.Errorf("%v is not ErrNoConfig", err)
	}
}

// "~" is the home folder, as a shell would have it.
func TestConfigHome(t *testing.T) {
	path := writeFile(t, kubeconfig)
	t.Setenv("HOME", filepath.Dir(path))
	if _, err := (Config{ConfigPaths: []string{"~/kubeconfig"}}).REST(); err != nil {
		t.Error(err)
	}
}

// An explicit false holds against the kubeconfig too, which may say that certificates are not checked.
func TestConfigInsecure(t *testing.T) {
	for name, config := range map[string]Config{"text": {Kubeconfig: kubeconfig}, "file": {ConfigPaths: []string{writeFile(t, kubeconfig)}}} {
		for want, insecure := range map[bool]*bool{true: nil, false: ptr.To(false)} {
			config.Insecure = insecure
			got, err := config.REST()
			if err != nil || got.Insecure != want {
				t.Errorf("%s: insecure = %v gives %v, %v", name, insecure, got.Insecure, err)
			}
		}
	}
}

// Paths in a text are relative to the working directory, as client-go takes them, and plugins are run.
func TestConfigTextReferences(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("token", []byte("from-a-file"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Config{Kubeconfig: strings.Replace(kubeconfig, "token: token-one", "tokenFile: token", 1)}.REST()
	if err != nil || got.BearerTokenFile != "token" || got.BearerToken != "from-a-file" {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = Config{Kubeconfig: strings.Replace(kubeconfig, "token: token-one", "exec: {apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: Never}", 1)}.REST()
	if err != nil || got.ExecProvider == nil || got.ExecProvider.Command != "login" {
		t.Errorf("%+v, %v", got, err)
	}
	withFiles := strings.Replace(kubeconfig, "token: token-one", "client-certificate: none.crt, client-key: none.key", 1)
	_, err = Config{Kubeconfig: withFiles}.REST()
	if err == nil || !strings.Contains(err.Error(), "none.crt") {
		t.Errorf("%v", err)
	}
}
