// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"fmt"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// unknownField is how the API server names a field that a kind does not have: in the answer to a create, and to an apply.
var unknownField = regexp.MustCompile(`unknown field "([^"]+)"|(\.[^\s:]+): field not declared in schema`)

// unknownFields are those that the API server does not know, by its answer.
func unknownFields(status apierrors.APIStatus) []string {
	var paths []string
	for _, match := range unknownField.FindAllStringSubmatch(status.Status().Message, -1) {
		paths = append(paths, strings.TrimPrefix(match[1]+match[2], "."))
	}
	return paths
}

// explainUnknownFields returns which versions of ESO have the fields.
func (c *Cluster) explainUnknownFields(kind string, paths []string) string {
	var all []string
	for _, path := range paths {
		versions := eso.VersionsOf(kind, path)
		if versions == "" {
			versions = "no version of ESO that this provider knows has it"
		}
		all = append(all, fmt.Sprintf("%s (%s)", jsonvalue.Sanitize(path), versions))
	}
	return fmt.Sprintf("the External Secrets Operator in this cluster does not know %s. Nothing was written. Correct the spelling, leave the field out, or update the operator.", strings.Join(all, ", "))
}
