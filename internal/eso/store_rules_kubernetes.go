// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

func checkKubernetesStore(ps *storeCheck, store map[string]any, at jsonvalue.Path) {
	server, hasAuthRef := jsonvalue.MapAt(store, "server"), store["authRef"] != nil
	ps.authority(server, at.With("server"))
	if strings.Contains(jsonvalue.StringAt(server, "url"), "://") { // without it ESO takes https
		ps.address(server, at.With("server"), "url", "https://other.example.com:6443")
	}
	if !hasAuthRef && jsonvalue.StringAt(server, "caBundle") == "" && server["caProvider"] == nil {
		ps.Warn(at.With("server"), "The API server's certificate authority is missing",
			"ESO before 2.1 refuses the store without ca_bundle or ca_provider in server, unless auth_ref names a kubeconfig; later versions trust the authorities of their own image. "+
				"For the cluster that ESO runs in, the certificate is in the ConfigMap kube-root-ca.crt of every namespace, under the key ca.crt.")
	}
	if ps.kind == airm.KindSecretStore && jsonvalue.StringAt(server, "caProvider", "namespace") != "" {
		ps.Fail(at.With("server", "caProvider", "namespace"), "The namespace of ca_provider must be left out",
			"A store of a project reads its own namespace only.")
	}
	auth := jsonvalue.MapAt(store, "auth")
	switch {
	case hasAuthRef && auth != nil:
		ps.Warn(at.With("auth"), "auth and auth_ref exclude each other", "The kubeconfig that auth_ref names has credentials of its own: ESO before 2.3 ignores auth, and later versions refuse the store. Keep one.")
	case !hasAuthRef && len(auth) != 1:
		ps.Fail(at.With("auth"), "A kubernetes store needs one way to authenticate", "Set exactly one of cert, token and service_account in auth; %d are set.", len(auth))
	}
	if cert := jsonvalue.MapAt(auth, "cert"); cert != nil {
		ps.need(cert, at.With("auth", "cert"), "A client certificate has a key.", "clientCert", "clientKey")
	}
	if token := jsonvalue.MapAt(auth, "token"); token != nil {
		ps.need(token, at.With("auth", "token"), "ESO reads the token from a Secret.", "bearerToken")
	}
}
