package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// The attribute uids. Its keys read like paths, beginning with the name of a cluster.

// systemNamespace is the namespace whose UID identifies a cluster.
const systemNamespace = "kube-system"

func uidsAttribute() schema.Attribute {
	return schema.MapAttribute{
		Computed:    true,
		ElementType: types.StringType,
		MarkdownDescription: "UIDs by which this state recognizes its objects and records in the clusters, so that it never changes or deletes another object of the same name. " +
			"The keys are paths: `CLUSTER/kube-system` identifies the cluster, where that namespace may be read; `CLUSTER/PROJECT/NAME` and `CLUSTER/NAME` identify an object; " +
			"`CLUSTER/NAMESPACE` and `CLUSTER/NAMESPACE/CONFIGMAP` identify the platform namespace and a record.",
	}
}

// setUIDs sets the attribute uids.
func (m *commonModel) setUIDs(uids map[string]string) {
	elements := make(map[string]attr.Value, len(uids))
	for key, uid := range uids {
		elements[key] = types.StringValue(uid)
	}
	m.UIDs = types.MapValueMust(types.StringType, elements)
}

// objectKey is the key of an object's UID.
func objectKey(cluster string, ref secrets.Ref) string {
	if ref.ID() == systemNamespace { // a ClusterSecretStore of that name
		return cluster + "/" + ref.Kind + "/" + ref.Name
	}
	return cluster + "/" + ref.ID()
}

// objectUIDs returns the attribute uids of an object.
func objectUIDs(all map[string]placed, ref secrets.Ref) map[string]string {
	uids := map[string]string{}
	for cluster, its := range all {
		if its.Cluster != "" {
			uids[cluster+"/"+systemNamespace] = its.Cluster
		}
		uids[objectKey(cluster, ref)] = its.UID
	}
	return uids
}

// copiesIn is the inverse of objectUIDs.
func copiesIn(uids map[string]string, ref secrets.Ref) map[string]placed {
	all := map[string]placed{}
	for key, uid := range uids {
		cluster, _, _ := strings.Cut(key, "/")
		if key == objectKey(cluster, ref) {
			all[cluster] = placed{Cluster: uids[cluster+"/"+systemNamespace], UID: uid}
		}
	}
	return all
}
