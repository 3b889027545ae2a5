// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// How AIRM's agent knows an ExternalSecret. Its webhook sets an ID on every object that has none, and registers that in AIRM; an
// existing ID stays. So the provider sets it: then nothing is registered twice, and copies of organization secrets not at all,
// since they must not be deleted there.

// trackingSpace keeps our ids apart from the UUIDs of others.
var trackingSpace = uuid.NewSHA1(uuid.NameSpaceDNS, []byte(airm.ProductName))

// TrackingID returns the id by which AIRM's agent reports the object at ref: a UUID made from the UID of where it is
// (a cluster, or an organization) and its name, so that it is the same when the object is created again. It is empty where
// that UID is.
func TrackingID(where string, ref airm.Ref) string {
	if where == "" {
		return ""
	}
	return uuid.NewSHA1(trackingSpace, []byte(where+"/"+ref.Home())).String()
}

// markMadeTemplate is an annotation, and a label where there is no other, of a Secret whose ExternalSecret has a template only
// to keep what AIRM knows the ExternalSecret by off the Secret.
const (
	markMadeTemplate = airm.AnnotationPrefix + "/template"
	madeOfMetadata   = "metadata" // its value
)

// Tracking is how AIRM's agent shall know an ExternalSecret.
type Tracking struct {
	ID       string // empty where AIRM's webhook is to make one
	Register bool   // whether AIRM lists it
}

// Track puts the tracking into an ExternalSecret that is to be written. The Secret gets the same ID and is never registered by
// itself. An ID of others that the live object has stays, with what is said about its registration: AIRM has a row of that ID.
func Track(object, live map[string]any, t Tracking) {
	if addsToExistingSecret(jsonvalue.MapAt(object, "spec")) {
		withTemplate(object)
	}
	id, registered := t.ID, strconv.FormatBool(t.Register)
	seen := jsonvalue.StringAt(live, "metadata", "labels", airm.LabelProjectID) != "" // by AIRM's webhook
	if found := jsonvalue.StringAt(live, "metadata", "labels", airm.LabelProjectSecretID); found != "" && found != id {
		id, registered = found, jsonvalue.StringAt(live, "metadata", "annotations", airm.AnnotationAutoDiscovered)
	} else if t.Register && seen && WipesExistingSecret(jsonvalue.MapAt(object, "spec")) {
		defer withTemplate(object)
	}
	if id == "" {
		return
	}
	metadata := jsonvalue.MakeMap(object, "metadata")
	jsonvalue.MakeMap(metadata, "labels")[airm.LabelProjectSecretID] = id
	if registered != "" {
		jsonvalue.MakeMap(metadata, "annotations")[airm.AnnotationAutoDiscovered] = registered
	}
	spec := jsonvalue.MapAt(object, "spec")
	template := jsonvalue.MapAt(spec, "target", "template")
	if template == nil || !WipesExistingSecret(spec) { // ESO copies labels; or the Secret has another owner, and an id of its own
		return
	}
	metadata = jsonvalue.MakeMap(template, "metadata")
	jsonvalue.MakeMap(metadata, "labels")[airm.LabelProjectSecretID] = id
	jsonvalue.MakeMap(metadata, "annotations")[airm.AnnotationAutoDiscovered] = "false"
}

// withTemplate adds a template of metadata to an object without one: without it ESO copies all labels and annotations to the
// Secret, and AIRM would register whichever of the two its agent sees first. The template has what ESO would have copied; to a
// Secret of another owner, which has an id of its own, go neither id nor marks of ours, nor that we manage it. There always is a
// label: the API server rejects an apply that removes the last one.
func withTemplate(object map[string]any) {
	spec, metadata := jsonvalue.MakeMap(object, "spec"), jsonvalue.MapAt(object, "metadata")
	// Where there is a manifest, even of a Secret, a template changes which fields ESO writes.
	if jsonvalue.MapAt(spec, "target", "template") != nil || jsonvalue.MapAt(spec, "target", "manifest") != nil {
		return
	}
	labels, annotations := jsonvalue.CopyMap(jsonvalue.MapAt(metadata, "labels")), map[string]any{markMadeTemplate: madeOfMetadata}
	for key, value := range jsonvalue.MapAt(metadata, "annotations") {
		if !airm.Reserved(key) {
			annotations[key] = literalInTemplate(value)
		}
	}
	if WipesExistingSecret(spec) {
		annotations[airm.AnnotationAutoDiscovered] = "false"
	} else {
		maps.DeleteFunc(labels, func(key string, value any) bool {
			return airm.Reserved(key) && key != airm.LabelUseCase || key == airm.LabelManagedBy && value == airm.ManagedByValue
		})
	}
	if len(labels) == 0 {
		labels = map[string]any{markMadeTemplate: madeOfMetadata}
	}
	jsonvalue.MakeMap(spec, "target")["template"] = map[string]any{"metadata": map[string]any{"labels": labels, "annotations": annotations}}
}

// literalInTemplate returns what ESO, which executes the annotations of a template, makes the given text of.
func literalInTemplate(value any) any {
	text, isText := value.(string)
	if !isText {
		return value
	}
	return strings.ReplaceAll(text, "{{", `{{ "{{" }}`)
}

// Registration returns the part of what Track has put into an object by which AIRM registers it.
func Registration(object map[string]any) map[string]any {
	found := jsonvalue.At(object, "metadata", "annotations", airm.AnnotationAutoDiscovered)
	part := map[string]any{"metadata": map[string]any{"annotations": map[string]any{airm.AnnotationAutoDiscovered: found}}}
	if template := jsonvalue.MapAt(object, "spec", "target", "template"); isMade(template) {
		part["spec"] = map[string]any{"target": map[string]any{"template": template}}
	}
	return part
}

// WithoutNewTemplate returns a tracked object without a template that withTemplate has made and the live object does not
// have yet: it is not declared, so it is no drift.
func WithoutNewTemplate(object, live map[string]any) map[string]any {
	if !isMade(jsonvalue.MapAt(object, "spec", "target", "template")) || isMade(jsonvalue.MapAt(live, "spec", "target", "template")) {
		return object
	}
	plain := jsonvalue.CopyMap(object)
	plain["spec"] = WithoutReserved(jsonvalue.MapAt(object, "spec"))
	return plain
}

// isMade reports whether a template is one that withTemplate has made, and still without content.
func isMade(template map[string]any) bool {
	for key := range template {
		if !slices.Contains([]string{"metadata", "engineVersion", "mergePolicy"}, key) { // the API server adds the latter two
			return false
		}
	}
	return jsonvalue.StringAt(template, "metadata", "annotations", markMadeTemplate) != ""
}

// IsUntracked reports whether AIRM does not know a live ExternalSecret of ours as it shall, so that it has to be written.
// One that has no id yet, because no webhook gave it one, or that this provider has never written, gets it with the next
// write. Desired is what Track has prepared for that object.
func IsUntracked(desired, live map[string]any) bool {
	return jsonvalue.StringAt(live, "metadata", "labels", airm.LabelProjectSecretID) != "" &&
		jsonvalue.StringAt(live, "metadata", "annotations", airm.AnnotationOwnerID) != "" &&
		len(trackingDrift(desired, live)) > 0
}

// IsUnregistered reports whether a live object that this provider has made has the id of ours, and AIRM is not to register it.
func IsUnregistered(live map[string]any, id string) bool {
	return id != "" && airm.ProjectSecretID(live) == id && airm.MadeBy(live) == airm.MadeByProvider &&
		jsonvalue.StringAt(live, "metadata", "annotations", airm.AnnotationAutoDiscovered) == "false"
}

// IsRegistered reports whether a live object says of its registration in AIRM what the desired one says.
func IsRegistered(desired, live map[string]any) bool {
	wanted := jsonvalue.StringAt(desired, "metadata", "annotations", airm.AnnotationAutoDiscovered)
	return wanted == "" || wanted == jsonvalue.StringAt(live, "metadata", "annotations", airm.AnnotationAutoDiscovered)
}

var trackingMarks = []jsonvalue.Path{
	{"metadata", "labels", airm.LabelProjectSecretID},
	{"metadata", "annotations", airm.AnnotationAutoDiscovered},
	{"spec", "target", "template", "metadata", "labels", airm.LabelProjectSecretID},
	{"spec", "target", "template", "metadata", "annotations", airm.AnnotationAutoDiscovered},
}

// trackingDrift returns where a live object differs from what Track has put into the desired one.
func trackingDrift(desired, live map[string]any) []jsonvalue.Path {
	var found []jsonvalue.Path
	for _, at := range trackingMarks {
		if wanted := jsonvalue.StringAt(desired, at.Keys()...); wanted != "" && wanted != jsonvalue.StringAt(live, at.Keys()...) {
			found = append(found, at)
		}
	}
	return found
}

// isTrackingMark reports whether a path of an object, or of a spec, is one of Track's.
func isTrackingMark(p jsonvalue.Path) bool {
	key, _ := p[len(p)-1].(string)
	return key == airm.LabelProjectSecretID || key == airm.AnnotationAutoDiscovered || key == markMadeTemplate
}
