package secrets

import (
	"fmt"
	"strings"
)

// CheckStore tells what ESO would refuse in the spec of a store, or accept and fail with later
// (ValidateStore of pkg/provider/{kubernetes,fake}; ESO runs it in its webhook only, which is often
// not installed). Project is that of a SecretStore, empty for a ClusterSecretStore.
func CheckStore(kind, project string, spec map[string]any) []Problem {
	var ps problems
	at := Path{"spec", "provider"}
	backend := mapAt(spec, "provider")
	if len(backend) > 1 {
		ps.fail(at, "A store has exactly one backend", "It names %d of them (%s). Keep one.", len(backend), strings.Join(keysOf(backend), ", "))
	}
	if kubernetes, ok := backend["kubernetes"].(map[string]any); ok {
		checkKubernetesStore(&ps, kind, kubernetes, at.with("kubernetes"))
	}
	if fake, ok := backend["fake"].(map[string]any); ok {
		checkFakeStore(&ps, fake, at.with("fake"))
	}
	checkReferences(&ps, kind, project, backend, at)
	return ps
}

func checkKubernetesStore(ps *problems, kind string, store map[string]any, at Path) {
	server, hasAuthRef := mapAt(store, "server"), store["authRef"] != nil
	authority := textAt(server, "caBundle") != "" || server["caProvider"] != nil
	if !hasAuthRef && !authority {
		ps.fail(at.with("server"), "The API server's certificate authority is missing",
			"ESO needs ca_bundle or ca_provider in server to trust the cluster that it reads from, unless auth_ref names a kubeconfig. "+
				"For the cluster that ESO runs in, it is in the ConfigMap kube-root-ca.crt of every namespace, under the key ca.crt.")
	}
	if provider := mapAt(server, "caProvider"); provider != nil {
		namespaced := textAt(provider, "namespace") != ""
		if kind == KindClusterSecretStore && !namespaced {
			ps.fail(at.with("server", "caProvider", "namespace"), "The namespace of ca_provider is missing", "A store of the organization has no namespace of its own: say where the %s is.", textAt(provider, "type"))
		}
		if kind == KindSecretStore && namespaced {
			ps.fail(at.with("server", "caProvider", "namespace"), "The namespace of ca_provider must be left out", "A store of a project reads its own namespace only.")
		}
	}
	auth := mapAt(store, "auth")
	switch {
	case hasAuthRef && auth != nil:
		ps.fail(at.with("auth"), "auth and auth_ref exclude each other", "The kubeconfig that auth_ref names has credentials of its own. Keep one.")
	case !hasAuthRef && len(auth) != 1:
		ps.fail(at.with("auth"), "A kubernetes store needs one way to authenticate", "Set exactly one of cert, token and service_account in auth; %d are set.", len(auth))
	}
	for _, selector := range [][]string{{"cert", "clientCert"}, {"cert", "clientKey"}, {"token", "bearerToken"}} {
		checkSelector(ps, auth, selector, at.with("auth"))
	}
}

// checkSelector wants name and key of a reference that ESO would not find without.
func checkSelector(ps *problems, auth map[string]any, selector []string, at Path) {
	method := mapAt(auth, selector[0])
	if method == nil {
		return
	}
	for _, field := range []string{"name", "key"} {
		if textAt(method, selector[1], field) == "" {
			ps.fail(at.with(selector[0], selector[1], field), fmt.Sprintf("The %s of a Secret is missing", field), "Say which Secret and which key of it holds the credential.")
		}
	}
}

func checkFakeStore(ps *problems, store map[string]any, at Path) {
	for i, entry := range listAt(store, "data") {
		for _, field := range []string{"key", "value"} {
			if textAt(entry, field) == "" {
				ps.fail(at.with("data", i, field), fmt.Sprintf("A %s is missing", field), "Every entry of a fake store has a key and a value; ESO refuses empty ones.")
			}
		}
	}
}

// checkReferences holds the references of a project's store inside its namespace, wherever in the
// backend they are.
func checkReferences(ps *problems, kind, project string, v any, at Path) {
	switch v := v.(type) {
	case map[string]any:
		namespace, isText := v["namespace"].(string)
		_, named := v["name"].(string)
		if kind == KindSecretStore && isText && named && namespace != project && project != "" {
			ps.fail(at.with("namespace"), "A store of a project refers to another namespace",
				"It may only refer to its own namespace %q, not to %q. Leave the namespace out, or use a store of the organization.", project, namespace)
		}
		for _, key := range keysOf(v) {
			checkReferences(ps, kind, project, v[key], at.with(key))
		}
	case []any:
		for i, item := range v {
			checkReferences(ps, kind, project, item, at.with(i))
		}
	}
}
