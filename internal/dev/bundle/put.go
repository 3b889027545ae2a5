// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package bundle

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"
)

var definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

// Put replaces a cluster's kinds by a file's: those that it has, as others would only slow it down. It returns once the API
// server serves them.
func Put(ctx context.Context, config *rest.Config, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	before, err := served(ctx, config)
	if err != nil {
		return err
	}
	changed, found := false, false
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		definition := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(document), &definition.Object); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		replaced, exists, err := replace(ctx, client.Resource(definitions), definition)
		if err != nil {
			return err
		}
		changed, found = changed || replaced, found || exists
	}
	if !found {
		return fmt.Errorf("%s defines no kind that the cluster has", file)
	}
	if changed {
		return untilOther(ctx, config, before)
	}
	return nil
}

// replace reports whether a definition is another one now, and whether there was one.
func replace(
	ctx context.Context, client dynamic.ResourceInterface, definition *unstructured.Unstructured,
) (changed, exists bool, err error) {
	live, err := client.Get(ctx, definition.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	unstructured.RemoveNestedField(definition.Object, "spec", "conversion") // a webhook's: no server of it runs here
	unstructured.RemoveNestedField(definition.Object, "status")
	definition.SetResourceVersion(live.GetResourceVersion())
	now, err := client.Update(ctx, definition, metav1.UpdateOptions{})
	if err != nil {
		return false, true, fmt.Errorf("%s: %w", definition.GetName(), err)
	}
	return now.GetGeneration() != live.GetGeneration(), true, nil
}

// served returns what the API server says of each version of ESO's kinds, as hashes.
func served(ctx context.Context, config *rest.Config) (map[string]string, error) {
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, config.Host+"/openapi/v3", nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var index struct {
		Paths map[string]struct{ ServerRelativeURL string }
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, fmt.Errorf("/openapi/v3: %s: %w", response.Status, err)
	}
	hashes := map[string]string{}
	for path, of := range index.Paths {
		if strings.HasPrefix(path, "apis/external-secrets.io/") {
			hashes[path] = of.ServerRelativeURL
		}
	}
	return hashes, nil
}

// untilOther waits until the API server serves something else than before.
func untilOther(ctx context.Context, config *rest.Config, before map[string]string) error {
	for ctx, cancel := context.WithTimeout(ctx, time.Minute); ; time.Sleep(100 * time.Millisecond) {
		now, err := served(ctx, config)
		if err != nil || !maps.Equal(now, before) {
			cancel()
			return err
		}
	}
}
