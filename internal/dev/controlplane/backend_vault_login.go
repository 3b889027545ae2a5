// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"strconv"
)

// What the Vault accepts.
const (
	vaultToken    = "airm-vault-token"
	vaultRoleID   = "airm-role-id"
	vaultSecretID = "airm-secret-id"
	vaultRole     = "airm" // of Kubernetes and JWT authentication, for every service account
	vaultUser     = "airm" // of userpass and LDAP authentication
	vaultPassword = "airm-password"

	// vaultAudience is that of the tokens of JWT authentication.
	vaultAudience = "vault"
)

// startVaultTLS serves the same Vault to clients that show a certificate, and to no others.
func (s *backendServers) startVaultTLS(vault *vaultServer, credentials map[string]string) error {
	ca, err := newAuthority("vault")
	if err != nil {
		return err
	}
	server, err := ca.issue("vault", nil)
	if err != nil {
		return err
	}
	client, err := ca.issue("reader", nil)
	if err != nil {
		return err
	}
	certificate, err := tls.X509KeyPair(server.certificate, server.key)
	if err != nil {
		return err
	}
	clients := x509.NewCertPool()
	clients.AddCert(ca.root)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		s.ended <- http.Serve(tls.NewListener(listener, &tls.Config{
			Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients,
		}), vault)
	}()
	maps.Copy(credentials, map[string]string{
		"tls_endpoint": "https://" + listener.Addr().String(), "ca_bundle": base64.StdEncoding.EncodeToString(ca.certificate),
		"client_certificate": string(client.certificate), "client_key": string(client.key),
	})
	return nil
}

// vaultLogin has the fields of all login requests, of which each has a few.
type vaultLogin struct {
	RoleID   string `json:"role_id"`
	SecretID string `json:"secret_id"`
	Role     string
	JWT      string
	Password string
}

// login issues a token for right credentials.
func (v *vaultServer) login(w http.ResponseWriter, r *http.Request, method, user string) {
	var given vaultLogin
	if err := json.NewDecoder(r.Body).Decode(&given); err != nil {
		vaultProblem(w, http.StatusBadRequest, "error parsing JSON")
		return
	}
	if problem := given.refuse(r, method, user); problem != "" {
		status := http.StatusBadRequest
		if problem == vaultDenied {
			status = http.StatusForbidden
		}
		vaultProblem(w, status, problem)
		return
	}
	token := newToken()
	v.tokens.Store(token, true)
	writeJSON(w, http.StatusOK, jsonObject{"auth": jsonObject{"client_token": token, "lease_duration": 3600, "renewable": true}})
}

const vaultDenied = "permission denied"

// refuse is why a login fails, empty if it does not.
func (l vaultLogin) refuse(r *http.Request, method, user string) string {
	switch method {
	case "approle":
		if l.RoleID != vaultRoleID || l.SecretID != vaultSecretID {
			return "invalid role or secret ID"
		}
	case "kubernetes":
		return l.refuseToken()
	case "jwt":
		return l.refuseToken(vaultAudience)
	case "userpass", "ldap":
		if user != vaultUser || l.Password != vaultPassword {
			return "invalid username or password"
		}
	case "cert":
		if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
			return "client certificate must be supplied"
		}
	default:
		return vaultDenied // as Vault says where nothing is mounted
	}
	return ""
}

func (l vaultLogin) refuseToken(audiences ...string) string {
	if l.Role != vaultRole {
		return "invalid role name " + strconv.Quote(l.Role)
	}
	if !isServiceAccountToken(l.JWT, audiences...) {
		return vaultDenied
	}
	return ""
}
