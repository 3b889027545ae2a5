// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

//go:build !demo

package main

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// What Azure accepts.
const (
	azureTenant       = "11111111-2222-3333-4444-555555555555"
	azureClientID     = "66666666-7777-8888-9999-000000000000"
	azureClientSecret = "airm-client-secret"

	azureLoginHost = "login.microsoftonline.com"
	azureVaultHost = "airm.vault.azure.net"
	azureResource  = "https://vault.azure.net"

	// azureAudience is that of the tokens by which service accounts log in.
	azureAudience = "api://AzureADTokenExchange"
)

// azureServer is a Key Vault and the login of its tenant, for the operator's old client and its new one.
type azureServer struct {
	values *values
	tokens sync.Map
}

func (s *backendServers) addAzure() error {
	azure := &azureServer{values: newValues()}
	s.hosts[azureLoginHost] = http.HandlerFunc(azure.serveLogin)
	s.hosts[azureVaultHost] = http.HandlerFunc(azure.serveVault)
	s.backends["azure"] = &emulatedBackend{
		Endpoint: "https://" + azureVaultHost,
		Credentials: map[string]string{
			"tenant_id": azureTenant, "client_id": azureClientID, "client_secret": azureClientSecret,
		},
		values: azure.values,
	}
	return nil
}

// serveLogin issues tokens by versions 1 and 2 of the protocol.
func (a *azureServer) serveLogin(w http.ResponseWriter, r *http.Request) {
	switch path := strings.TrimPrefix(r.URL.Path, "/"); path {
	case "common/discovery/instance":
		writeJSON(w, http.StatusOK, jsonObject{
			"tenant_discovery_endpoint": azureLoginURL("/v2.0/.well-known/openid-configuration"),
			"metadata": []jsonObject{{
				"preferred_network": azureLoginHost, "preferred_cache": azureLoginHost, "aliases": []string{azureLoginHost},
			}},
		})
	case azureTenant + "/v2.0/.well-known/openid-configuration":
		writeJSON(w, http.StatusOK, jsonObject{
			"authorization_endpoint": azureLoginURL("/oauth2/v2.0/authorize"),
			"token_endpoint":         azureLoginURL("/oauth2/v2.0/token"),
			"issuer":                 azureLoginURL("/v2.0"),
		})
	case azureTenant + "/oauth2/token", azureTenant + "/oauth2/v2.0/token":
		a.serveToken(w, r)
	default:
		tenant, _ := cutPath(r.URL.Path)
		writeJSON(w, http.StatusBadRequest, jsonObject{
			"error":             "invalid_request",
			"error_description": "AADSTS90002: Tenant '" + tenant + "' not found.",
		})
	}
}

func azureLoginURL(path string) string {
	return "https://" + azureLoginHost + "/" + azureTenant + path
}

func (a *azureServer) serveToken(w http.ResponseWriter, r *http.Request) {
	if id := r.PostFormValue("client_id"); id != azureClientID {
		writeJSON(w, http.StatusBadRequest, jsonObject{
			"error":             "unauthorized_client",
			"error_description": "AADSTS700016: Application with identifier '" + id + "' was not found in the directory.",
		})
		return
	}
	if r.PostFormValue("client_secret") != azureClientSecret && !isServiceAccountToken(r.PostFormValue("client_assertion"), azureAudience) {
		writeJSON(w, http.StatusUnauthorized, jsonObject{
			"error":             "invalid_client",
			"error_description": "AADSTS7000215: Invalid client secret provided.",
		})
		return
	}
	token := newToken()
	a.tokens.Store(token, true)
	writeJSON(w, http.StatusOK, jsonObject{"access_token": token, "token_type": "Bearer", "expires_in": 3599})
}

// serveVault answers for /secrets, /secrets/NAME and /secrets/NAME/VERSION.
func (a *azureServer) serveVault(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if _, issued := a.tokens.Load(token); !issued {
		w.Header().Set("WWW-Authenticate", `Bearer authorization="`+azureLoginURL("")+`", resource="`+azureResource+`"`)
		azureProblem(w, http.StatusUnauthorized, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.")
		return
	}
	kind, path := cutPath(r.URL.Path)
	if kind != "secrets" || r.Method != http.MethodGet {
		azureProblem(w, http.StatusNotFound, "NotFound", "Only secrets are emulated, and only to read them.")
		return
	}
	if path == "" {
		a.listSecrets(w)
		return
	}
	a.secret(w, path)
}

func (a *azureServer) secret(w http.ResponseWriter, path string) {
	name, version, _ := strings.Cut(path, "/")
	e, _ := a.values.get(name)
	if version == "" {
		version = strconv.Itoa(e.latest())
	}
	value, _, found := e.version(version)
	if !found {
		azureProblem(w, http.StatusNotFound, "SecretNotFound", "A secret with (name/id) "+path+" was not found in this key vault.")
		return
	}
	answer := azureSecret(name+"/"+version, e)
	answer["value"] = value
	writeJSON(w, http.StatusOK, answer)
}

func (a *azureServer) listSecrets(w http.ResponseWriter) {
	secrets := []jsonObject{}
	for _, name := range a.values.keys("") {
		e, _ := a.values.get(name)
		secrets = append(secrets, azureSecret(name, e))
	}
	writeJSON(w, http.StatusOK, jsonObject{"value": secrets, "nextLink": nil})
}

func azureSecret(path string, e entry) jsonObject {
	return jsonObject{
		"id": "https://" + azureVaultHost + "/secrets/" + path, "attributes": jsonObject{"enabled": true}, "tags": e.tags,
	}
}

func azureProblem(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, jsonObject{"error": jsonObject{"code": code, "message": message}})
}
