// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// The attribute uids. Its keys read like paths, beginning with the name of a cluster.

// systemNamespace is the namespace whose UID identifies a cluster.
const systemNamespace = "kube-system"

func uidsAttribute() schema.Attribute {
	return schema.MapAttribute{
		Computed:    true,
		ElementType: types.StringType,
		MarkdownDescription: "UIDs by which this state recognizes its objects and records in the clusters, so that it never changes or " +
			"deletes another object of the same name. The keys are paths: `CLUSTER/kube-system` identifies the cluster, if the " +
			"provider may read that namespace; `CLUSTER/PROJECT/NAME` and `CLUSTER/NAME` identify an object; `CLUSTER/NAMESPACE` and " +
			"`CLUSTER/NAMESPACE/CONFIGMAP` identify the platform namespace and a record.",
	}
}

// planUIDs plans the attribute uids as it was, if an update leaves the records as they are: a plan that shows those of a thousand
// projects as unknown is not read.
func planUIDs(ctx context.Context, m, before planModel, plan *tfsdk.Plan) diag.Diagnostics {
	if _, isRecord := m.(recordModel); !isRecord || before == nil || before.common().UIDs.IsNull() {
		return nil
	}
	if set, isSet := m.(recordSet); isSet && !set.sameRecords(before) {
		return nil
	}
	return plan.SetAttribute(ctx, path.Root("uids"), before.common().UIDs)
}

// keepPlannedUIDs has an update leave the attribute as the plan showed it. Should a record have been made anew meanwhile, the
// next Read shows it; private state has it before.
func (m *commonModel) keepPlannedUIDs() { m.keepUIDs = !m.UIDs.IsUnknown() }

// setUIDs sets the attribute uids.
func (m *commonModel) setUIDs(uids map[string]string) {
	if m.keepUIDs {
		return
	}
	elements := make(map[string]attr.Value, len(uids))
	for key, uid := range uids {
		elements[key] = types.StringValue(uid)
	}
	m.UIDs = types.MapValueMust(types.StringType, elements)
}

// objectKey is the key of an object's UID.
func objectKey(cluster string, ref airm.Ref) string {
	if ref.ID() == systemNamespace { // a ClusterSecretStore of that name
		return cluster + "/" + ref.Kind + "/" + ref.Name
	}
	return cluster + "/" + ref.ID()
}

// objectUIDs returns the attribute uids of an object.
func objectUIDs(all map[string]knownCopy, ref airm.Ref) map[string]string {
	uids := map[string]string{}
	for cluster, copied := range all {
		if copied.Cluster != "" {
			uids[cluster+"/"+systemNamespace] = copied.Cluster
		}
		uids[objectKey(cluster, ref)] = copied.UID
	}
	return uids
}

// copiesIn is the inverse of objectUIDs.
func copiesIn(uids map[string]string, ref airm.Ref) map[string]knownCopy {
	all := map[string]knownCopy{}
	for key, uid := range uids {
		cluster, _, _ := strings.Cut(key, "/")
		if key == objectKey(cluster, ref) {
			all[cluster] = knownCopy{Cluster: uids[cluster+"/"+systemNamespace], UID: uid}
		}
	}
	return all
}
