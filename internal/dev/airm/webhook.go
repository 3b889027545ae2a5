// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
)

// trackingWebhook is the server of AIRM's admission webhooks. It keeps its address when it is stopped and started.
type trackingWebhook struct {
	client      dynamic.Interface
	certificate tls.Certificate
	authority   []byte
	address     string
	server      *http.Server
}

func newWebhook(client dynamic.Interface) (*trackingWebhook, error) {
	certificate, authority, err := newCertificate()
	return &trackingWebhook{client: client, certificate: certificate, authority: authority, address: "127.0.0.1:0"}, err
}

func (w *trackingWebhook) start(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", w.address)
	if err != nil {
		return err
	}
	w.address = listener.Addr().String()
	w.server = &http.Server{Handler: w, ReadHeaderTimeout: time.Minute}
	go func() {
		_ = w.server.Serve(tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{w.certificate}}))
	}()
	return nil
}

func (w *trackingWebhook) stop() {
	if w.server != nil {
		_ = w.server.Close()
		w.server = nil
	}
}

// ServeHTTP answers one admission review.
func (w *trackingWebhook) ServeHTTP(response http.ResponseWriter, r *http.Request) {
	var review struct {
		Request request `json:"request"`
	}
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil || review.Request.Object == nil {
		http.Error(response, fmt.Sprintf("no admission review: %v", err), http.StatusBadRequest)
		return
	}
	answer := map[string]any{"uid": review.Request.UID, "allowed": true}
	patch, err := w.patch(r.Context(), review.Request)
	switch {
	case err != nil:
		answer["allowed"], answer["status"] = false, map[string]any{"code": http.StatusInternalServerError, "message": err.Error()}
	case patch != nil:
		answer["patchType"], answer["patch"] = "JSONPatch", patch
	}
	response.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(response).Encode(map[string]any{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer})
}

// patch returns what the webhook changes, nil in a namespace that is no project.
func (w *trackingWebhook) patch(ctx context.Context, r request) ([]byte, error) {
	namespace, err := w.client.Resource(namespaces).Get(ctx, r.Namespace, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	id, managed := namespace.GetLabels()[labelProjectID]
	if !managed {
		return nil, nil
	}
	labels, annotations := trackingMetadata(r, id)
	return json.Marshal([]any{
		map[string]any{"op": "add", "path": "/metadata/labels", "value": labels},
		map[string]any{"op": "add", "path": "/metadata/annotations", "value": annotations},
	})
}

// StartWebhook starts the webhooks, again where they were stopped, and waits until the API server calls them.
func (p *Platform) StartWebhook(ctx context.Context) error {
	if err := p.webhook.start(ctx); err != nil {
		return err
	}
	object := &unstructured.Unstructured{Object: configuration(p.name, "https://"+p.webhook.address, p.webhook.authority)}
	object, err := roundTrip(object)
	if err != nil {
		return err
	}
	_, err = p.client.Resource(configurations).Create(ctx, object, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return p.awaitWebhook(ctx)
}

// StopWebhook stops the server of the webhooks. The configuration stays: every write that it covers fails from now on.
func (p *Platform) StopWebhook() { p.webhook.stop() }

// awaitWebhook waits until the API server calls the webhooks for each project, by creates that are not stored.
func (p *Platform) awaitWebhook(ctx context.Context) error {
	if p.webhook.server == nil {
		return nil
	}
	probe := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "airm-standin-probe"},
	}}
	dryRun := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
	for _, project := range p.projects {
		err := wait.PollUntilContextTimeout(ctx, poll, patience, true, func(ctx context.Context) (bool, error) {
			made, err := p.client.Resource(coreSecrets).Namespace(project).Create(ctx, probe, dryRun)
			return err == nil && made.GetLabels()[labelSecretID] != "", nil
		})
		if err != nil {
			return fmt.Errorf("the API server does not call the webhook for project %s: %w", project, err)
		}
	}
	return nil
}

// roundTrip brings an object into the types that a dynamic client takes.
func roundTrip(object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	text, err := json.Marshal(object.Object)
	decoded := &unstructured.Unstructured{}
	return decoded, errors.Join(err, json.Unmarshal(text, &decoded.Object))
}
