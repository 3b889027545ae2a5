// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"reflect"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// mayBeMade reports whether a create may have been done although it failed: its answer was lost, or did
// not come from the API server, or what is already there was made by an earlier attempt at the same
// request, which something on the way has repeated.
func mayBeMade(err error) bool {
	return lostAnswer(err) || apierrors.IsAlreadyExists(err)
}

// mayBeWritten is mayBeMade for a write to what was read before, which conflicts with an earlier attempt at the same request.
func mayBeWritten(err error) bool { return lostAnswer(err) || apierrors.IsConflict(err) }

// afterWrite is the context in which to read what became of a write whose answer was lost: it has a time of its own,
// because the operation may have ended, or been interrupted, before the answer.
func afterWrite(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), requestTimeout)
}

// lostAnswer reports whether a write may have been done although it failed.
func lostAnswer(err error) bool {
	var status apierrors.APIStatus
	if err == nil || !errors.As(err, &status) {
		return err != nil
	}
	code := status.Status().Code
	return code >= http.StatusInternalServerError || code == http.StatusTooManyRequests || code == http.StatusRequestTimeout
}

// isMadeHere reports whether a live object is the one that was sent: it has the random owner id that only
// this create uses, and nothing that another user could have prepared. A user who reads the objects of a
// project can copy an owner id from one that was deleted or is elsewhere.
func isMadeHere(kind string, sent, live *unstructured.Unstructured) bool {
	id := sent.GetAnnotations()[airm.AnnotationOwnerID]
	if id == "" || live.GetAnnotations()[airm.AnnotationOwnerID] != id || len(live.GetOwnerReferences()) > 0 {
		return false
	}
	annotations := maps.Clone(sent.GetAnnotations())
	delete(annotations, airm.AnnotationAutoDiscovered) // AIRM's webhook sets it to another value
	if !hasAll(live.GetLabels(), sent.GetLabels()) || !hasAll(live.GetAnnotations(), annotations) {
		return false
	}
	desired, spec := jsonvalue.MapAt(sent.Object, "spec"), jsonvalue.MapAt(live.Object, "spec")
	return len(eso.SpecDifferences(kind, desired, spec)) == 0
}

func hasAll(entries, wanted map[string]string) bool {
	for key, value := range wanted {
		if entries[key] != value {
			return false
		}
	}
	return true
}

// isRecordMadeHere is isMadeHere for a record.
func isRecordMadeHere(sent, live *unstructured.Unstructured) bool {
	return len(live.GetOwnerReferences()) == 0 && reflect.DeepEqual(live.Object["data"], sent.Object["data"])
}

// isRecordWrittenHere reports whether a live record is the one that was sent. A row says whose it is and until when, to the
// nanosecond, so that no other run writes the same.
func isRecordWrittenHere(sent, live *unstructured.Unstructured) bool {
	return live.GetUID() == sent.GetUID() && reflect.DeepEqual(live.Object["data"], sent.Object["data"]) &&
		maps.Equal(live.GetLabels(), sent.GetLabels()) && maps.Equal(live.GetAnnotations(), sent.GetAnnotations())
}
