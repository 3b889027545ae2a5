package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// companions are what else there is in a cluster because of an object: what is kept beside it, and who uses it.
type companions interface {
	// prepare finds what would be in the way of write, before the object itself is written; live is nil when it is created.
	prepare(ctx context.Context, config kindModel, live *unstructured.Unstructured) diag.Diagnostics
	// write brings what is kept beside the written object into line, and tells whether ESO has to look at the object again.
	// The write-only arguments are in config alone.
	write(ctx context.Context, config kindModel, live *unstructured.Unstructured) (bool, diag.Diagnostics)
	// intact reports whether what is kept beside the object is as declared.
	intact(ctx context.Context, live *unstructured.Unstructured) (bool, diag.Diagnostics)
	// inform lets the users of an updated object know.
	inform(ctx context.Context) diag.Diagnostics
	// spare refuses a deletion that users of the object would suffer from.
	spare(ctx context.Context) diag.Diagnostics
}

// alone is an object without companions.
type alone struct{}

func (alone) prepare(context.Context, kindModel, *unstructured.Unstructured) diag.Diagnostics {
	return nil
}

func (alone) write(context.Context, kindModel, *unstructured.Unstructured) (bool, diag.Diagnostics) {
	return false, nil
}

func (alone) intact(context.Context, *unstructured.Unstructured) (bool, diag.Diagnostics) {
	return true, nil
}

func (alone) inform(context.Context) diag.Diagnostics { return nil }

func (alone) spare(context.Context) diag.Diagnostics { return nil }
