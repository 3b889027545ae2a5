// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// again deletes the secret "db" and makes another one with the same metadata, as a backup does, or a user who can read it.
func (p *testProject) again(spec map[string]any, more func(*unstructured.Unstructured)) *unstructured.Unstructured {
	p.t.Helper()
	was := p.get("ExternalSecret", "db")
	p.removeNow("ExternalSecret", "db")
	if spec == nil {
		spec = nested(was.Object, "spec")
	}
	copied := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	copied.SetLabels(was.GetLabels())
	copied.SetAnnotations(was.GetAnnotations())
	if more != nil {
		more(copied)
	}
	return p.create("ExternalSecret", "db", mustJSON(copied.Object))
}

// An object that another user made with copied annotations is left alone, so that nothing is completed in it.
func TestAccForgedObject(t *testing.T) {
	t.Parallel()
	find := map[string]any{"dataFrom": []any{map[string]any{"find": map[string]any{"name": map[string]any{"regexp": ".*"}}}}}
	for name, forge := range map[string]func(p *testProject) *unstructured.Unstructured{
		"without a store": func(p *testProject) *unstructured.Unstructured { return p.again(find, nil) },
		"with more in it": func(p *testProject) *unstructured.Unstructured {
			spec := p.spec()
			spec["dataFrom"] = find["dataFrom"]
			return p.again(spec, nil)
		},
		"with an owner": func(p *testProject) *unstructured.Unstructured {
			owner := p.create("ConfigMap", "owner", `{}`)
			return p.again(nil, func(object *unstructured.Unstructured) {
				object.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "owner", UID: owner.GetUID()}})
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			w := p.newWorkspace()
			w.configure(p.secret(plain))
			w.apply()
			forged := forge(p)
			contains(t, w.fails("apply", "-refresh=false", "-replace="+secretAddress, "-auto-approve", "-no-color"), "already exists")
			p.isUntouched(forged)
			contains(t, w.run("plan", "-no-color"), secretAddress+" will be created")
			contains(t, w.fails("apply", "-auto-approve", "-no-color"), "already exists")
			p.isUntouched(forged)
		})
	}
}

// A backup that was restored is recognized: it is exactly what is declared.
func TestAccRestoredBackup(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	w.configure(p.secret(plain))
	w.apply()
	restored := p.again(nil, nil)
	p.eventually("it is synced", func() bool { return p.ready("ExternalSecret", "db") == "True" })
	if output := w.plansNothing(); strings.Contains(output, "no longer the object") {
		t.Errorf("it is not recognized:\n%s", output)
	}
	w.configure(p.secret(plain + `refresh_interval = "2h"`))
	w.apply()
	if p.get("ExternalSecret", "db").GetUID() != restored.GetUID() {
		t.Error("it was made again")
	}
	w.destroy()
	p.expect("ExternalSecret db", false)()
}
