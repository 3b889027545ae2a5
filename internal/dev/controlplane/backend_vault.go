// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// vaultServer is a Vault with a key-value engine of version 2 at "secret", and the authentication methods that need
// nothing but Vault, at their usual mounts.
type vaultServer struct {
	values *values
	tokens sync.Map // those that a login has issued
}

func (s *backendServers) startVault() error {
	vault := &vaultServer{values: newValues()}
	address, err := s.listen(vault)
	if err != nil {
		return err
	}
	credentials := map[string]string{
		"token": vaultToken, "role_id": vaultRoleID, "secret_id": vaultSecretID, "kubernetes_role": vaultRole,
		"username": vaultUser, "password": vaultPassword,
	}
	s.backends["vault"] = &emulatedBackend{Endpoint: "http://" + address, Credentials: credentials, values: vault.values}
	return s.startVaultTLS(vault, credentials)
}

// ServeHTTP implements http.Handler.
func (v *vaultServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	token := r.Header.Get("X-Vault-Token")
	if parts := strings.Split(path, "/"); len(parts) > 2 && parts[0] == "auth" && parts[2] == "login" {
		v.login(w, r, parts[1], strings.Join(parts[3:], "/"))
		return
	}
	if _, issued := v.tokens.Load(token); !issued && token != vaultToken {
		vaultProblem(w, http.StatusForbidden, vaultDenied)
		return
	}
	if path == "auth/token/revoke-self" {
		v.tokens.Delete(token)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if path == "auth/token/lookup-self" {
		writeJSON(w, http.StatusOK, jsonObject{"data": jsonObject{"id": token, "type": "service", "ttl": 3600, "expire_time": nil}})
		return
	}
	v.read(w, r, path)
}

// read answers for data and metadata, and lists.
func (v *vaultServer) read(w http.ResponseWriter, r *http.Request, path string) {
	if folder, ok := strings.CutPrefix(strings.TrimSuffix(path, "/")+"/", "secret/metadata/"); ok && r.URL.Query().Get("list") == "true" {
		v.list(w, folder)
		return
	}
	if key, ok := strings.CutPrefix(path, "secret/metadata/"); ok {
		if e, found := v.values.get(key); found {
			writeJSON(w, http.StatusOK, jsonObject{"data": jsonObject{"current_version": e.latest(), "custom_metadata": e.tags}})
			return
		}
	}
	if key, ok := strings.CutPrefix(path, "secret/data/"); ok {
		if v.readData(w, key, r.URL.Query().Get("version")) {
			return
		}
	}
	vaultProblem(w, http.StatusNotFound)
}

func (v *vaultServer) readData(w http.ResponseWriter, key, version string) (found bool) {
	e, _ := v.values.get(key)
	if version == "" {
		version = strconv.Itoa(e.latest())
	}
	value, number, found := e.version(version)
	if !found {
		return false
	}
	writeJSON(w, http.StatusOK, jsonObject{"data": jsonObject{
		"data": vaultData(value),
		"metadata": jsonObject{
			"version": number, "custom_metadata": e.tags, "created_time": time.Now(), "deletion_time": "", "destroyed": false,
		},
	}})
	return true
}

// vaultData is a JSON object as it is, and any other value as the field "value": Vault's secrets have fields.
func vaultData(value string) jsonObject {
	var fields jsonObject
	if json.Unmarshal([]byte(value), &fields) == nil && fields != nil {
		return fields
	}
	return jsonObject{"value": value}
}

// list answers with the names in a folder, which ends in a slash or is empty for the whole engine. So do those of folders.
func (v *vaultServer) list(w http.ResponseWriter, folder string) {
	names := map[string]bool{}
	for _, key := range v.values.keys(folder) {
		name, _, isFolder := strings.Cut(strings.TrimPrefix(key, folder), "/")
		if isFolder {
			name += "/"
		}
		names[name] = true
	}
	if len(names) == 0 {
		vaultProblem(w, http.StatusNotFound)
		return
	}
	writeJSON(w, http.StatusOK, jsonObject{"data": jsonObject{"keys": slices.Sorted(maps.Keys(names))}})
}

func vaultProblem(w http.ResponseWriter, status int, problems ...string) {
	writeJSON(w, status, jsonObject{"errors": append([]string{}, problems...)})
}
