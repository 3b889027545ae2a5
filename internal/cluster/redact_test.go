package cluster

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// The password of a URL is in no text, well-formed or not; the rest of the text stays.
func TestWithoutUserinfo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`Get "https://ali:sesame@far:6443/api?a=b": EOF`:                     `Get "https://far:6443/api?a=b": EOF`,
		`invalid proxy address "ali:sesame@proxy": x`:                        `invalid proxy address "proxy": x`,
		`invalid 'proxy-url' "ali:sesame@proxy:1" for cluster "c"`:           `invalid 'proxy-url' "proxy:1" for cluster "c"`,
		`could not parse: ali:ses ame@proxy:1`:                               `could not parse: proxy:1`,
		`parse "http://ali:ses/ame@proxy:1": invalid port ":ses" after host`: `parse "http://proxy:1": invalid port after host`,
		`parse "http://ali:ses ame@proxy": net/url: invalid userinfo`:        `parse "http://proxy": net/url: invalid userinfo`,
		`parse "http://ali:ses%zz@proxy": invalid URL escape "%zz"`:          `parse "http://proxy": invalid URL escape`,
		`parse "http://ali:ses@me/a@proxy": x`:                               `parse "http://proxy": x`,
		`said \"socks5://ali:sesame@proxy:1080\" and http://ali@b/c, twice`:  `said \"socks5://proxy:1080\" and http://b/c, twice`,
		`Put "https://vault.example.com:8200/v1/a@b": refused`:               `Put "https://vault.example.com:8200/v1/a@b": refused`,
		`User "https://accounts.example.com#ali@example.com" cannot get`:     `User "https://accounts.example.com#ali@example.com" cannot get`,
		`User "oidc:ali@example.com" cannot get resource`:                    `User "oidc:ali@example.com" cannot get resource`,
		`dial tcp [::1]:443: connect: connection refused`:                    `dial tcp [::1]:443: connect: connection refused`,
		`Get "https://[::1]:443/a@b": EOF`:                                   `Get "https://[::1]:443/a@b": EOF`,
	} {
		if got := withoutUserinfo(text); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// Not even a part of it is left where the text is too long.
func TestDisplayTextCutsLast(t *testing.T) {
	t.Parallel()
	for length := range 1100 {
		if got := displayText(strings.Repeat("x", length) + " http://ali:sesame@proxy/ " + strings.Repeat("y", 1000)); strings.Contains(got, "ses") {
			t.Fatalf("%d: %s", length, got)
		}
	}
}

// Whatever is wrong with a proxy or a host, no error shows the password in its URL.
func TestErrorsShowNoPassword(t *testing.T) {
	t.Parallel()
	refusing := listenHTTP(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) })
	for name, config := range map[string]Config{
		"proxy is not there": {Host: "https://far", ProxyURL: "http://ali:sesame@127.0.0.1:1"},
		"proxy refuses":      {Host: "https://far", ProxyURL: "http://ali:sesame@" + refusing},
		"no SOCKS":           {Host: "https://far", ProxyURL: "socks5://ali:sesame@127.0.0.1:1"},
		"invalid port":       {Host: "https://far", ProxyURL: "http://ali:sesame@proxy:port"},
		"slash in password":  {Host: "https://far", ProxyURL: "http://ali:sesame/sesame@proxy:1"},
		"space in password":  {Host: "https://far", ProxyURL: "http://ali:sesame sesame@proxy:1"},
		"invalid escape":     {Host: "https://far", ProxyURL: "http://ali:sesame%sesame@proxy:1"},
		"no scheme":          {Host: "https://far", ProxyURL: "ali:sesame@proxy:1"},
		"odd scheme":         {Host: "https://far", ProxyURL: "ftp://ali:sesame@proxy:1"},
		"host is not there":  {Host: "http://ali:sesame@127.0.0.1:1"},
		"host, invalid port": {Host: "http://ali:sesame@far:port"},
		"host, slash":        {Host: "http://ali:sesame/sesame@far:1"},
		"kubeconfig": {ConfigPaths: []string{file(t, strings.Replace(kubeconfig, `server: "https://one.example.com"`,
			`server: "https://one.example.com", proxy-url: "http://ali:ses ame@sesame@proxy:port"`, 1))}},
		"kubeconfig, no scheme": {ConfigPaths: []string{file(t, strings.Replace(kubeconfig, `server: "https://one.example.com"`,
			`server: "https://one.example.com", proxy-url: "al i:sesame@proxy:port"`, 1))}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New("far", config, options()).Get(soon(t), secrets.Ref{Kind: secrets.KindExternalSecret, Project: "a", Name: "db"})
			if err == nil {
				t.Fatal("no error")
			}
			if strings.Contains(err.Error(), "ses") {
				t.Error(err)
			}
		})
	}
}

func listenHTTP(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}
