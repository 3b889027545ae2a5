// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package jsonvalue

import (
	"strings"
	"testing"
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
		if got := WithoutUserinfo(text); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// Not even a part of it is left where the text is too long.
func TestDisplayTextCutsLast(t *testing.T) {
	t.Parallel()
	for length := range 1100 {
		got := DisplayText(strings.Repeat("x", length) + " http://ali:sesame@proxy/ " + strings.Repeat("y", 1000))
		if strings.Contains(got, "ses") {
			t.Fatalf("%d: %s", length, got)
		}
	}
}

// ESO renders the URL of a webhook from Secrets, and Go names the whole URL where a request fails. What an answer is about stays.
func TestDisplayTextOfFailedRequests(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`call: Get "https://hook:8443/sesame/get?p=sesame#sesame": EOF`:             `call: Get "https://hook:8443": EOF`,
		`List "https://hook?parameter=sesame": EOF`:                                 `List "https://hook": EOF`,
		`Get "https://[::1]:1/\"sesame": EOF`:                                       `Get "https://[::1]:1": EOF`,
		`Get "https://ali:sesame@hook/sesame": EOF`:                                 `Get "https://hook": EOF`,
		`Post "hook/sesame?next=https://sesame": unsupported protocol scheme ""`:    `Post "hook": unsupported protocol scheme ""`,
		`Get "/sesame": unsupported protocol scheme ""`:                             `Get "": unsupported protocol scheme ""`,
		`parse "hook:8443/sesame": first path segment in URL cannot contain colon`:  `parse "hook:8443": first path segment in URL cannot contain colon`,
		`parse "https://hook/ses%zzame": invalid URL escape "%zz"`:                  `parse "https://hook": invalid URL escape`,
		`said: Get \"https://hook/sesame\": EOF; and \"https://hook/it\"`:           `said: Get \"https://hook\": EOF; and \"https://hook/it\"`,
		`Post "ali:sesame@hook/x": unsupported protocol scheme "ali"`:               `Post "": unsupported protocol scheme "ali"`,
		`Get "https:/hook/sesame": http: no Host in request URL`:                    `Get "": http: no Host in request URL`,
		`said: Get \"https://hook/sesame?a=b\u0026c=sesame\": EOF`:                  `said: Get \"https://hook\": EOF`,
		`cut off: Get "https://hook/sesame?`:                                        `cut off: Get "https://hook`,
		`URL: GET https://vault.example.com:8200/v1/secret/data/x?a=sesame Code: 1`: `URL: GET https://vault.example.com:8200/v1/secret/data/x Code: 1`,
		`secrets "team/a": not found`:                                               `secrets "team/a": not found`,
		`User "https://accounts.example.com/x#ali@example.com" cannot get`:          `User "https://accounts.example.com/x#ali@example.com" cannot get`,
	} {
		if got := DisplayText(text); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}
