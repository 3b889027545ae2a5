// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// attemptsKey is the key of a context: how often its request was sent.
type attemptsKey struct{}

// countAttempts counts how often a request is sent, for its lines. It stands before what repeats one.
type countAttempts struct {
	next   http.RoundTripper
	logger *slog.Logger
}

func (c countAttempts) RoundTrip(request *http.Request) (*http.Response, error) {
	if c.logger.Enabled(request.Context(), slog.LevelDebug) {
		request = request.WithContext(context.WithValue(request.Context(), attemptsKey{}, &atomic.Int64{}))
	}
	return c.next.RoundTrip(request)
}

// loggedRequests writes a line for each request that is sent: what it is for and how it ended, never a header, a query
// or a body.
type loggedRequests struct {
	next    http.RoundTripper
	cluster string
	logger  *slog.Logger
}

func (l loggedRequests) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	if !l.logger.Enabled(ctx, slog.LevelDebug) {
		return l.next.RoundTrip(request)
	}
	started := time.Now()
	answer, err := l.next.RoundTrip(request)
	what, fields := describeRequest(request)
	fields = append(fields, logging.KeyCluster, l.cluster, logging.KeyDuration, time.Since(started).Milliseconds())
	if err != nil {
		l.logger.DebugContext(ctx, "Request: "+what+": no answer", append(fields, logging.KeyError, logText(err))...)
	} else {
		fields = append(fields, logging.KeyHTTPStatus, answer.StatusCode)
		l.logger.DebugContext(ctx, fmt.Sprintf("Request: %s: %d", what, answer.StatusCode), fields...)
	}
	return answer, err
}

// describeRequest returns what a request is for, in words and as fields, since Terraform prints fields in no order. The object that a
// write makes is not in its path, but in its context.
func describeRequest(request *http.Request) (what string, fields []any) {
	target := targetOf(request.URL.Path)
	kind, object := kindOfResource(target.resource), strings.Trim(target.namespace+"/"+target.name, "/")
	if ref, isWrite := request.Context().Value(writeKey{}).(airm.Ref); isWrite {
		kind, object = ref.Kind, ref.ID()
	}
	verb := target.verb(request)
	fields = []any{logging.KeyVerb, verb, logging.KeyKind, kind, logging.KeyObject, object}
	if attempts, counted := request.Context().Value(attemptsKey{}).(*atomic.Int64); counted {
		fields = append(fields, logging.KeyAttempt, attempts.Add(1))
	}
	if request.URL.Query().Has("dryRun") {
		verb, fields = "dry run of "+verb, append(fields, "dry_run", true)
	}
	return strings.TrimSpace(verb + " " + kind + " " + object), fields
}

// requestTarget is what the path of a request names: an object, or a list where there is no name. Of a path of neither
// all is the resource.
type requestTarget struct{ namespace, resource, name string }

func targetOf(path string) requestTarget {
	below, ahead := path, 0
	if _, rest, found := strings.Cut(path, "/apis/"); found {
		below, ahead = rest, 2 // group and version
	} else if _, rest, found := strings.Cut(path, "/api/"); found {
		below, ahead = rest, 1
	}
	parts := strings.Split(below, "/")
	if ahead == 0 || len(parts) <= ahead {
		return requestTarget{resource: path}
	}
	target := requestTarget{}
	if parts = parts[ahead:]; parts[0] == "namespaces" && len(parts) > 2 {
		target.namespace, parts = parts[1], parts[2:]
	}
	target.resource, target.name = parts[0], strings.Join(parts[1:], "/") // with its subresource
	return target
}

// kindOfResource returns the kind of a resource that the provider uses.
func kindOfResource(resource string) string {
	for kind, mapped := range resources {
		if mapped == resource {
			return kind
		}
	}
	switch resource {
	case namespaces.Resource:
		return "Namespace"
	case configMaps.Resource:
		return "ConfigMap"
	case kubernetesSecrets.Resource:
		return eso.KindSecret
	case events.Resource:
		return "Event"
	}
	return resource
}

var verbs = map[string]string{
	http.MethodGet: "get", http.MethodPost: "create", http.MethodPut: "update", http.MethodPatch: "patch", http.MethodDelete: "delete",
}

// verb returns what Kubernetes calls the request, and "apply" for a patch by server-side apply.
func (t requestTarget) verb(request *http.Request) string {
	isList := t.name == "" && !strings.HasPrefix(t.resource, "/")
	switch {
	case request.Method == http.MethodGet && request.URL.Query().Has("watch"):
		return "watch"
	case request.Method == http.MethodGet && isList:
		return "list"
	case strings.HasPrefix(request.Header.Get("Content-Type"), "application/apply-patch"):
		return "apply"
	}
	return verbs[request.Method]
}
