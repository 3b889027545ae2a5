// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// crdGroup is served by every API server that can serve ESO's kinds. Its list of groups is complete only if it has that one: while it
// starts, it lists few.
const crdGroup = "apiextensions.k8s.io"

// maxQuoted is how much of an answer is shown that no API server gave.
const maxQuoted = 100

// errNoAPIServer means that something else than a Kubernetes API server has answered, so that nothing is known of what is in the cluster.
var errNoAPIServer = errors.New("not answered by a Kubernetes API server")

// APIVersion is the version of external-secrets.io that the cluster serves and that we use: v1, or
// v1beta1 where there is no v1 (ESO before 0.16; the two are alike for what we write).
func (c *Cluster) APIVersion(ctx context.Context) (string, error) {
	version, err := c.version.get(ctx, c.discoverVersion)
	return version, c.explain("discover", "the API group "+airm.Group, err)
}

func (c *Cluster) discoverVersion(ctx context.Context) (string, error) {
	var group metav1.APIGroup
	answer, err := c.discover(ctx, "/apis/"+airm.Group, &group)
	switch {
	case apierrors.IsNotFound(err):
		return "", c.explainNotServed(ctx, answer)
	case err != nil:
		return "", err
	case group.Kind != "APIGroup":
		return "", c.noAPIServer(answer)
	}
	for _, preferred := range []string{"v1", "v1beta1"} {
		for _, served := range group.Versions {
			if served.Version == preferred {
				slog.DebugContext(ctx, "Found the served version of "+airm.Group, logging.KeyCluster, c.name, logging.KeyVersion, preferred)
				return preferred, nil
			}
		}
	}
	return "", c.noServedVersion(group)
}

// discover reads what is served at a path, and returns what was answered, as a text. What is no JSON leaves served empty.
func (c *Cluster) discover(ctx context.Context, path string, served any) (answer string, err error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return "", err
	}
	request := conn.rest.Get().AbsPath(path)
	body, err := request.Do(ctx).Raw()
	code, said := http.StatusOK, string(body)
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		code = int(status.Status().Code)
		if details := status.Status().Details; details != nil && len(details.Causes) > 0 {
			said = details.Causes[0].Message // the text of a page
		}
	}
	if err == nil && json.Unmarshal(body, served) != nil {
		slog.DebugContext(ctx, "The answer of discovery is no JSON", logging.KeyCluster, c.name)
	}
	address := request.URL()
	address.User = nil
	said = jsonvalue.Shorten(jsonvalue.DisplayText(said), maxQuoted)
	return fmt.Sprintf("%s answered %d %s: %q", address, code, http.StatusText(code), said), err
}

// explainNotServed returns what it means that ESO's group was not found. An API server answers that with a plain text as others do, so
// only its list of groups says that ESO is not installed.
func (c *Cluster) explainNotServed(ctx context.Context, notFound string) error {
	var list metav1.APIGroupList
	answer, err := c.discover(ctx, "/apis", &list)
	if err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	serves := func(name string) bool {
		return slices.ContainsFunc(list.Groups, func(group metav1.APIGroup) bool { return group.Name == name })
	}
	if !serves(crdGroup) || serves(airm.Group) {
		return c.noAPIServer(notFound, answer)
	}
	return c.fail(fmt.Sprintf("External Secrets Operator is not installed in cluster %q", c.name),
		"The API group "+airm.Group+" is not served there. Install ESO with its CRDs (the Helm chart external-secrets), "+
			"or let this resource depend on what installs it.", ErrNoOperator)
}

func (c *Cluster) noAPIServer(answers ...string) error {
	return c.fail(fmt.Sprintf("Cluster %q does not answer as a Kubernetes API server", c.name),
		fmt.Sprintf("%s. A load balancer, an ingress or a proxy may have answered instead of the API server, or the API server is starting. So it is unknown which objects the cluster has. "+
			"Check the address and the path of the server (host, or server in the kubeconfig) and proxy_url, and run again.", strings.Join(answers, "; ")), errNoAPIServer)
}

func (c *Cluster) noServedVersion(group metav1.APIGroup) error {
	var served []string
	for _, version := range group.Versions {
		served = append(served, version.Version)
	}
	return c.fail(fmt.Sprintf("Cluster %q serves no usable version of External Secrets Operator", c.name),
		fmt.Sprintf("%s is served as %s; this provider needs v1 (ESO 0.16 and newer) or v1beta1.", airm.Group, strings.Join(served, ", ")), nil)
}
