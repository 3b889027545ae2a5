package provider

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// ownership is kept in a resource's private state: by it a state knows its object again.
type ownership struct {
	OwnerID string            `json:"owner_id,omitempty"` // the one stamped on the object; empty after an import
	UID     string            `json:"uid,omitempty"`      // of a record
	Copies  map[string]placed `json:"copies,omitempty"`   // of an object, by the name of the cluster
}

// placed is an object in one of the clusters.
type placed struct {
	Cluster string `json:"cluster,omitempty"` // the identity of the cluster, empty where that may not be read
	UID     string `json:"uid"`
}

const ownershipKey = "ownership"

// privateReader and privateWriter are the framework's private state, whose type is internal to it.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func newOwnerID() string { return rand.Text() }

func loadOwnership(ctx context.Context, private privateReader) (ownership, diag.Diagnostics) {
	var o ownership
	text, diags := private.GetKey(ctx, ownershipKey)
	if len(text) > 0 {
		if err := json.Unmarshal(text, &o); err != nil {
			diags.AddError("The private state cannot be read", fmt.Sprintf("It is damaged (%s): remove the resource from the state and import it again.", err))
		}
	}
	return o, diags
}

func (o ownership) save(ctx context.Context, private privateWriter) diag.Diagnostics {
	text, err := json.Marshal(o)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The private state cannot be written", err.Error())}
	}
	return private.SetKey(ctx, ownershipKey, text)
}

// has tells whether a live object is the copy that this state knows: the same object, or one that
// carries our id (brought back from a backup). After an import nothing is known yet, and it is.
func (o ownership) has(known placed, live *unstructured.Unstructured) bool {
	if o.isNew() || known.UID == string(live.GetUID()) {
		return true
	}
	return o.OwnerID != "" && o.OwnerID == live.GetAnnotations()[secrets.AnnotationOwnerID]
}

// isNew tells that nothing is known of the object: it is being imported.
func (o ownership) isNew() bool { return o.OwnerID == "" && len(o.Copies) == 0 }

// warnIfTaken tells that a second state manages the same object.
func (o ownership) warnIfTaken(ref secrets.Ref, live *unstructured.Unstructured) diag.Diagnostics {
	annotations := live.GetAnnotations()
	return o.warnIfOther(ref.String(), annotations[secrets.AnnotationOwnerID], annotations[secrets.AnnotationOwner])
}

func (o ownership) warnIfOther(what, ownerID, owner string) diag.Diagnostics {
	if o.OwnerID == "" || ownerID == "" || ownerID == o.OwnerID {
		return nil
	}
	detail := "Both will write it, and either may delete it. Keep it in one state and remove it from the other with a removed block or `state rm`."
	if owner != "" {
		detail += fmt.Sprintf(" The last to write it was %q.", secrets.Cap(owner))
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(what+" is managed from another state too", detail)}
}

// madeBy tells who an object belongs to, as far as it says so itself.
func madeBy(live *unstructured.Unstructured) string {
	annotations := live.GetAnnotations()
	switch {
	case annotations[secrets.AnnotationOwner] != "":
		return fmt.Sprintf("It was written by %q with this provider.", secrets.Cap(annotations[secrets.AnnotationOwner]))
	case annotations[secrets.AnnotationOwnerID] != "":
		return "It was written with this provider, perhaps by a run that was interrupted."
	}
	for _, entry := range live.GetManagedFields() {
		if entry.Subresource == "" {
			return fmt.Sprintf("It was written with %q.", secrets.Cap(entry.Manager))
		}
	}
	return ""
}
