package provider

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

const agentFinalizer = "airm.silogen.ai/secret-finalizer"

// agent does to every ExternalSecret of a project what the admission webhook of AIRM's agent does.
func agent(w http.ResponseWriter, r *http.Request) {
	var review struct {
		Request struct {
			UID    string
			Object unstructured.Unstructured
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	object := review.Request.Object
	labels, annotations := object.GetLabels(), object.GetAnnotations()
	if labels == nil {
		labels = map[string]string{}
	}
	if annotations == nil {
		annotations = map[string]string{}
	}
	if labels["airm.silogen.ai/project-secret-id"] == "" {
		labels["airm.silogen.ai/project-secret-id"] = "0b9c7a2e-6a3c-4b7e-9a55-2f0d7f1f9a11"
		annotations["airm.silogen.ai/auto-discovered"] = "true"
		annotations["airm.silogen.ai/submitter"] = "terraform"
	}
	labels["airm.silogen.ai/project-id"] = "id"
	labels["airm.silogen.ai/secret-scope"] = "Project"
	patch, _ := json.Marshal([]map[string]any{
		{"op": "add", "path": "/metadata/labels", "value": labels},
		{"op": "add", "path": "/metadata/annotations", "value": annotations},
	})
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
		"response": map[string]any{"uid": review.Request.UID, "allowed": true, "patchType": "JSONPatch", "patch": base64.StdEncoding.EncodeToString(patch)},
	})
}

// startAgent has the API server call agent for this project.
func (p *project) startAgent() {
	p.t.Helper()
	host, _ := url.Parse(p.config.Host)
	if address := net.ParseIP(host.Hostname()); address == nil || !address.IsLoopback() {
		p.t.Skipf("the API server %s is not on this machine, so it cannot call a webhook here", p.config.Host)
	}
	server := httptest.NewTLSServer(http.HandlerFunc(agent))
	p.t.Cleanup(server.Close)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	configuration, _ := json.Marshal(map[string]any{"webhooks": []any{map[string]any{
		"name":                    "agent.example.com",
		"admissionReviewVersions": []any{"v1"},
		"sideEffects":             "None",
		"clientConfig":            map[string]any{"url": server.URL, "caBundle": authority},
		"namespaceSelector":       map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": p.name}},
		"rules": []any{map[string]any{
			"apiGroups": []any{"external-secrets.io"}, "apiVersions": []any{"*"}, "resources": []any{"externalsecrets"}, "operations": []any{"CREATE", "UPDATE"},
		}},
	}}})
	p.create("MutatingWebhookConfiguration", p.name, string(configuration))
	probe := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": map[string]any{"name": "probe"}, "spec": map[string]any{},
	}}
	p.eventually("the API server calls the webhook", func() bool {
		made, err := p.objects("ExternalSecret").Create(context.Background(), probe, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		p.ok(err)
		return made.GetLabels()["airm.silogen.ai/project-secret-id"] != ""
	})
}

// In a project that AIRM's agent looks after, its labels, annotations and finalizer are no diff, and
// destroy waits for the agent.
func TestAccAgent(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.startAgent()
	w := p.newWorkspace()
	config := func(body string) {
		w.configure(p.secret(plain + body + "\nuse_case = \"Generic\"\ntimeouts = { delete = \"10s\" }"))
	}

	config(`labels = { team = "a" }`)
	w.apply()
	object := p.get("ExternalSecret", "db")
	if object.GetLabels()["airm.silogen.ai/project-secret-id"] == "" || object.GetLabels()["airm.silogen.ai/use-case"] != "Generic" {
		t.Fatalf("the webhook was not called: %v", object.GetLabels())
	}
	w.plansNothing()
	p.hold("ExternalSecret", "db", agentFinalizer)
	w.plansNothing()

	config(`labels = { team = "b" }`)
	w.apply()
	w.plansNothing()
	after := p.get("ExternalSecret", "db")
	if after.GetUID() != object.GetUID() || after.GetLabels()["airm.silogen.ai/project-secret-id"] != object.GetLabels()["airm.silogen.ai/project-secret-id"] || len(after.GetFinalizers()) == 0 {
		t.Errorf("the agent's marks did not stay: %v", after.Object["metadata"])
	}

	contains(t, w.fails("destroy", "-auto-approve", "-no-color"), "is not deleted yet", agentFinalizer, "AIRM's agent", "timeouts.delete")
	if got := w.attributes(secretAddress)["status"]; got != "DeleteFailed" {
		t.Errorf("status is %v", got)
	}
	w.run("refresh", "-no-color")
	if got := w.attributes(secretAddress)["status"]; got != "DeleteFailed" {
		t.Errorf("after a refresh the status is %v", got)
	}

	go func() { // the agent has told AIRM, in the middle of the next destroy
		time.Sleep(time.Second)
		_, _ = p.objects("ExternalSecret").Patch(context.Background(), "db", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	}()
	w.destroy()
	if p.get("ExternalSecret", "db") != nil || p.get("Secret", "db") != nil {
		t.Error("destroy left something behind")
	}
}

// Destroy ends only when the Kubernetes Secret is gone too.
func TestAccDestroyWaitsForSecret(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	w.configure(p.secret(plain + `timeouts = { delete = "10s" }`))
	w.apply()
	p.hold("Secret", "db", "example.com/hold")
	contains(t, w.fails("destroy", "-auto-approve", "-no-color"), "is not deleted yet", "foregroundDeletion", "what the object owns, such as its Secret")
	p.release("Secret", "db")
	w.destroy()
	if p.get("Secret", "db") != nil {
		t.Error("the Secret is still there")
	}
}
