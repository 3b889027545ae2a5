// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// cannedAnswer is an answer to one path.
type cannedAnswer struct {
	code              int
	contentType, body string
}

var (
	// notFoundPage is how an API server answers for a group that it does not serve, and so does many a proxy.
	notFoundPage = cannedAnswer{http.StatusNotFound, "text/plain; charset=utf-8", "404 page not found\n"}
	htmlPage     = cannedAnswer{http.StatusNotFound, "text/html", "<html>nothing here</html>"}
	statusPage   = cannedAnswer{http.StatusNotFound, "application/json",
		`{"kind":"Status","apiVersion":"v1","status":"Failure","message":"not found","reason":"NotFound","code":404}`}
)

// groupsPage is the list of the groups that an API server serves.
func groupsPage(names ...string) cannedAnswer {
	var groups []string
	for _, name := range names {
		groups = append(groups, `{"name":"`+name+`","versions":[{"groupVersion":"`+name+`/v1","version":"v1"}]}`)
	}
	list := `{"kind":"APIGroupList","apiVersion":"v1","groups":[` + strings.Join(groups, ",") + `]}`
	return cannedAnswer{http.StatusOK, "application/json", list}
}

// servePages is a cluster that answers for the group of ESO, and for the list of groups. It counts the requests.
func servePages(t *testing.T, group, groups cannedAnswer) (c *Cluster, requests *atomic.Int64) {
	t.Helper()
	requests = &atomic.Int64{}
	host := listenHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		answer := htmlPage
		switch r.URL.Path {
		case "/base/apis/" + airm.Group:
			answer = group
		case "/base/apis":
			answer = groups
		}
		w.Header().Set("Content-Type", answer.contentType)
		w.WriteHeader(answer.code)
		_, _ = w.Write([]byte(answer.body))
	})
	return New("far", Config{Host: "http://ali:sesame@" + host + "/base"}, testOptions()), requests
}

// Only the list of groups of an API server says that ESO is not installed. Whatever else answers 404 knows nothing of the objects.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	const notInstalled, noAPIServer = "External Secrets Operator is not installed", `Cluster "far" does not answer as a Kubernetes API server`
	without := groupsPage("apps", "apiextensions.k8s.io")
	for name, test := range map[string]struct {
		group, groups cannedAnswer
		want          string
		class         Class
		requests      int64
	}{
		"another kind":         {groupsPage("apps"), without, noAPIServer, Unavailable, 1},
		"without ESO":          {notFoundPage, without, notInstalled, Other, 2},
		"without ESO, status":  {statusPage, without, notInstalled, Other, 2},
		"proxy":                {htmlPage, htmlPage, noAPIServer, Unavailable, 2},
		"plain text":           {notFoundPage, notFoundPage, noAPIServer, Unavailable, 2},
		"status":               {statusPage, statusPage, noAPIServer, Unavailable, 2},
		"login page":           {cannedAnswer{http.StatusOK, "text/html", "<html>log in</html>"}, without, noAPIServer, Unavailable, 1},
		"login page for all":   {notFoundPage, cannedAnswer{http.StatusOK, "text/html", "<html>log in</html>"}, noAPIServer, Unavailable, 2},
		"any JSON":             {notFoundPage, cannedAnswer{http.StatusOK, "application/json", `{}`}, noAPIServer, Unavailable, 2},
		"starting":             {notFoundPage, groupsPage("apiregistration.k8s.io"), noAPIServer, Unavailable, 2},
		"listed, not answered": {notFoundPage, groupsPage("apiextensions.k8s.io", airm.Group), noAPIServer, Unavailable, 2},
		"list is forbidden":    {notFoundPage, cannedAnswer{http.StatusForbidden, "text/plain", "no"}, "403 Forbidden", Forbidden, 2},
		"list is refused":      {notFoundPage, cannedAnswer{http.StatusUnauthorized, "text/plain", "no"}, "401 Unauthorized", Unavailable, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, requests := servePages(t, test.group, test.groups)
			_, err := c.Get(soon(t), airm.Ref{Kind: airm.KindExternalSecret, Project: "a", Name: "db"})
			if err == nil || !strings.Contains(err.Error(), test.want) || Classify(err) != test.class {
				t.Errorf("class %d of %v", Classify(err), err)
			}
			if got := errors.Is(err, ErrNoOperator); got != (test.want == notInstalled) {
				t.Errorf("no operator: %t", got)
			}
			if got := requests.Load(); got != test.requests {
				t.Errorf("%d requests", got)
			}
		})
	}
}

// The error says what was asked and answered, without the password in the address.
func TestExplainNoAPIServer(t *testing.T) {
	t.Parallel()
	c, _ := servePages(t, htmlPage, notFoundPage)
	_, err := c.APIVersion(soon(t))
	for _, want := range []string{
		`/base/apis/external-secrets.io answered 404 Not Found: "<html>nothing here</html>"; http://`,
		`/base/apis answered 404 Not Found: "404 page not found". A load balancer`, "proxy_url",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "sesame") {
		t.Error(err)
	}
}
