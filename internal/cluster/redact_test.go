// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

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
		"kubeconfig": {ConfigPaths: []string{writeFile(t, strings.Replace(kubeconfig, `server: "https://one.example.com"`,
			`server: "https://one.example.com", proxy-url: "http://ali:ses ame@sesame@proxy:port"`, 1))}},
		"kubeconfig, no scheme": {ConfigPaths: []string{writeFile(t, strings.Replace(kubeconfig, `server: "https://one.example.com"`,
			`server: "https://one.example.com", proxy-url: "al i:sesame@proxy:port"`, 1))}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New("far", config, testOptions()).Get(soon(t), airm.Ref{Kind: airm.KindExternalSecret, Project: "a", Name: "db"})
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
