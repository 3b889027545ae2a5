// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// An edit is what another user changed in a declared field. Read puts it into the arguments, so the plan shows it as a difference
// to the configuration. Where there is none, because the configuration ignores changes of the argument (ignore_changes),
// says the same by now, or because the edit was undone, there is nothing to do, although the object is not as it was
// declared. Private state distinguishes this from all else for which up_to_date is false and an update is planned.

const editKey = "edit"

func saveEdit(ctx context.Context, private privateWriter, edited bool) diag.Diagnostics {
	text := "false"
	if edited {
		text = "true"
	}
	return private.SetKey(ctx, editKey, []byte(text))
}

// loadEdit reports whether the arguments of the state have taken over an edit, and nothing else is to be done.
func loadEdit(ctx context.Context, private privateReader) (bool, diag.Diagnostics) {
	text, diags := private.GetKey(ctx, editKey)
	return string(text) == "true", diags
}

// An edit in a second cluster is in no argument, since those have the values of one cluster: the plan only warns of it, and names the
// fields. Private state keeps which content the warning was about, so that an update takes back that edit and no later one.

const unevenKey = "uneven"

// saveUneven saves the fingerprints of the copies that the plan warns of, by cluster.
func saveUneven(ctx context.Context, private privateState, fingerprints map[string]string) diag.Diagnostics {
	before, diags := private.GetKey(ctx, unevenKey)
	if len(before) == 0 && len(fingerprints) == 0 {
		return diags
	}
	text, err := json.Marshal(fingerprints)
	if err != nil {
		diags.AddError("Unexpected error", err.Error())
		return diags
	}
	diags.Append(private.SetKey(ctx, unevenKey, text)...)
	return diags
}

// loadUneven returns what saveUneven saved.
func loadUneven(ctx context.Context, private privateReader) (map[string]string, diag.Diagnostics) {
	text, diags := private.GetKey(ctx, unevenKey)
	var fingerprints map[string]string
	if len(text) > 0 && json.Unmarshal(text, &fingerprints) != nil {
		return nil, diags // then such an edit is a conflict
	}
	return fingerprints, diags
}

// fingerprint identifies the values that the live object has for what a model declares.
func (c *objectCopy) fingerprint(ctx context.Context, m kindModel) string {
	text, err := json.Marshal(c.declaredPart(ctx, m))
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// difference is how a live object differs from what a model declares: in a declared field, or in the marks by which AIRM
// knows it.
type difference struct {
	drift, untracked bool
	paths            []jsonvalue.Path // of the drift
}

func (d difference) any() bool { return d.drift || d.untracked }

func (c *objectCopy) differs(ctx context.Context, m kindModel) difference {
	declared := c.render(ctx, m)
	drift := eso.Drift(eso.WithoutNewTemplate(declared, c.live.Object), c.live.Object)
	logging.TraceDrift(ctx, c.cluster.Name(), m.ref().Kind, m.ref().ID(), func() []jsonvalue.Path { return drift })
	return difference{
		drift:     len(drift) > 0,
		paths:     drift,
		untracked: eso.IsUntracked(declared, c.live.Object),
	}
}

// declaredPart returns what a model declares with the values of the live object.
func (c *objectCopy) declaredPart(ctx context.Context, m kindModel) map[string]any {
	return eso.DeclaredPart(eso.WithoutNewTemplate(c.render(ctx, m), c.live.Object), c.live.Object)
}

// areAs reports whether the live objects are as a model declares, and nothing else is to be done with them.
func (cs objectCopies) areAs(ctx context.Context, m kindModel) bool {
	return !slices.ContainsFunc(cs, func(c *objectCopy) bool {
		return c.live != nil && !c.unselected && (!c.result.ok || c.differs(ctx, m).any())
	})
}

// warnUneven warns of edits that no argument in the plan shows: those that the arguments cannot express, and those of other clusters,
// where the configuration agrees with the edit that the arguments have taken over, or ignores it. It returns the fingerprints of these
// copies, by cluster.
func (cs objectCopies) warnUneven(ctx context.Context, m kindModel, edited *objectCopy) (map[string]string, diag.Diagnostics) {
	var diags diag.Diagnostics
	var where []string
	var paths []jsonvalue.Path
	fingerprints := map[string]string{}
	for _, c := range cs {
		if c.live == nil || c.unselected || !c.wanted || c.isTerminating() {
			continue
		}
		differs := c.differs(ctx, m)
		if !differs.drift {
			continue
		}
		fingerprints[c.cluster.Name()] = c.fingerprint(ctx, m)
		if c == edited {
			diags.AddWarning(fmt.Sprintf("%s was changed where no argument shows it", m.ref()), fmt.Sprintf(
				"In cluster %q, these fields were changed to values that the arguments of this resource cannot express: %s. An update writes the planned values.", c.cluster.Name(), pathsText(differs.paths)))
			continue
		}
		where = append(where, c.cluster.Name())
		paths = append(paths, differs.paths...)
	}
	if len(where) > 0 {
		diags.AddWarning(fmt.Sprintf("%s differs between clusters", m.ref()), fmt.Sprintf(
			"It was edited in some clusters only, or a cluster was unavailable during an update. The state has the values of cluster %q. In %s, these fields differ: %s. An update writes the planned values to all clusters, even if ignore_changes keeps the value of cluster %q. Make the copies equal, or restrict this resource with clusters and declare one for each content.",
			edited.cluster.Name(), strings.Join(where, ", "), pathsText(paths), edited.cluster.Name()))
	}
	return fingerprints, diags
}
