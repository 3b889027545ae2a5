// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Error is the message about something that did not work in a cluster: Summary says what, and
// Detail says where, why and what to do next. It wraps the cause for errors.Is and errors.As.
type Error struct {
	Summary string
	Detail  string
	cause   error
	config  bool // the connection is not configured well
}

func (e *Error) Error() string { return e.Summary + ": " + e.Detail }

// Message returns both texts.
func (e *Error) Message() Message { return Message{Summary: e.Summary, Detail: e.Detail} }

// Unwrap returns the error of the API server or of the network.
func (e *Error) Unwrap() error { return e.cause }

// Class is what the error of a request means for its caller.
type Class int

// The classes of errors.
const (
	// Other is an answer that refuses the request itself, or an error of this program.
	Other Class = iota
	// NotFound: the API server said of this very object that it does not exist. A 404 of anything else (a kind that is not served
	// any more, a proxy) is not that.
	NotFound
	// Forbidden: this user lacks the permission, or admission refuses.
	Forbidden
	// Unavailable: not reachable, overloaded, failing, refusing the credentials, answered by something else than an API server, or not
	// known yet. Nothing is known of the object then, so what is in the state stays.
	Unavailable
	// Unconfigured: there is no connection, or a wrong one.
	Unconfigured
	// Interrupted: the run was stopped before the answer. That says nothing of the cluster.
	Interrupted
)

// Classify returns the class of an error.
func Classify(err error) Class {
	var explained *Error
	var status apierrors.APIStatus
	var network net.Error
	switch {
	case err == nil:
		return Other
	case errors.Is(err, ErrUnknownConfig), errors.Is(err, errNoAPIServer):
		return Unavailable
	case errors.As(err, &explained) && explained.config:
		return Unconfigured
	case errors.As(err, &status):
		return classifyAnswer(err, status.Status())
	case errors.Is(err, context.Canceled): // which the HTTP client wraps in an error of the network
		return Interrupted
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.DeadlineExceeded):
		return Unavailable
	}
	return Other
}

func classifyAnswer(err error, status metav1.Status) Class {
	switch {
	case apierrors.IsNotFound(err) && status.Details != nil && status.Details.Name != "" && len(status.Details.Causes) == 0:
		return NotFound
	case apierrors.IsForbidden(err):
		return Forbidden
	case apierrors.IsUnauthorized(err), apierrors.IsTooManyRequests(err), status.Code >= 500:
		return Unavailable
	}
	return Other
}

// IsNotFound reports whether the object does not exist, as the API server says of this very object.
func IsNotFound(err error) bool { return Classify(err) == NotFound }

// IsForbidden reports whether the user lacks a permission, or admission refuses.
func IsForbidden(err error) bool { return Classify(err) == Forbidden }

// IsUnavailable reports whether the cluster could not be asked.
func IsUnavailable(err error) bool { return Classify(err) == Unavailable }

// IsUnconfigured reports whether nothing could be asked because the connection is not configured, or wrongly.
func IsUnconfigured(err error) bool { return Classify(err) == Unconfigured }

// IsUnanswered reports whether nothing is known of what was asked for: the cluster could not be asked, or not by this user.
func IsUnanswered(err error) bool { return IsUnavailable(err) || IsForbidden(err) }

// IsAlreadyExists reports whether a create found an object of that name.
func IsAlreadyExists(err error) bool { return apierrors.IsAlreadyExists(err) }

// IsConflict reports whether the object was changed by another client in the meantime.
func IsConflict(err error) bool { return apierrors.IsConflict(err) }

// ErrNoOperator means that a cluster does not serve ESO's kinds at all, as its API server said itself, so that it has no such object.
var ErrNoOperator = errors.New("no External Secrets Operator")

// ErrSeveralProjects means that namespaces of one name are different projects.
var ErrSeveralProjects = errors.New("the name of different projects")

func (c *Cluster) fail(summary, detail string, cause error) *Error {
	return &Error{Summary: summary, Detail: detail, cause: cause}
}

func (c *Cluster) explainConfig(err error) error {
	explained := c.describeConfig(err)
	explained.config = true
	return explained
}

func (c *Cluster) describeConfig(err error) *Error {
	if errors.Is(err, ErrNoConfig) {
		return c.fail("No cluster is configured",
			"Neither the provider block nor the environment configures a cluster. Set config_path or host in the provider block, "+
				"or one of the environment variables KUBE_CONFIG_PATH, KUBE_HOST and KUBECONFIG. There is no default such as localhost.", err)
	}
	if errors.Is(err, ErrUnknownConfig) {
		return c.fail(fmt.Sprintf("Cluster %q is not known yet", c.name),
			fmt.Sprintf("%s in the provider block will be known only after apply, so nothing was read from this cluster.", strings.Join(c.config.Unknown, ", ")), err)
	}
	return c.fail(fmt.Sprintf("The connection to cluster %q is not configured correctly", c.name),
		sentence(jsonvalue.WithoutUserinfo(err.Error())), err)
}

// explain returns the error of an action ("create") on an object ("ExternalSecret team-a/db").
func (c *Cluster) explain(action, object string, err error) error {
	var already *Error
	if err == nil || errors.As(err, &already) {
		return err
	}
	where := fmt.Sprintf("Cluster %q", c.name)
	summary := fmt.Sprintf("Cannot %s %s", action, object)
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) {
		return c.fail(summary, where+" "+c.explainTransport(err), err)
	}
	switch {
	case apierrors.IsUnauthorized(err):
		return c.fail(summary, where+" rejected the credentials (401 Unauthorized): they are missing, expired or for another cluster."+c.loginSource()+" Renew them and run again.", err)
	case apierrors.IsForbidden(err):
		advice := " Admission control or something in front of the cluster rejected the request (a policy, a webhook, a quota, a namespace that is being " +
			"deleted, a proxy), not RBAC. Change the object, or ask the cluster administrator."
		if lacksPermission(err) {
			advice = " Grant the permission, or use a user who has it."
		}
		return c.fail(summary, where+" denied the request (403 Forbidden): "+sentence(jsonvalue.DisplayText(status.Status().Message))+advice, err)
	case len(unknownFields(status)) > 0:
		return c.fail(summary, where+": "+c.explainUnknownFields(kindOf(object), unknownFields(status)), err)
	case immutable(status.Status()):
		advice := "Delete " + object + ", and apply again: it is made anew."
		if kindOf(object) != "Secret" { // a record says what exists, so it must not get lost
			advice = "Replace it by one with the same content that is not immutable, and apply again."
		}
		return c.fail(summary, where+" keeps it as it is, because it is immutable. "+advice, err)
	case apierrors.IsInvalid(err) && !namesField(status.Status()):
		return c.fail(summary, where+" rejected the object (422 Invalid): "+sentence(jsonvalue.DisplayText(status.Status().Message))+
			" A policy or webhook of the cluster said so, not the schema. Change the object, or ask the cluster administrator.", err)
	case apierrors.IsInvalid(err):
		return c.fail(summary, where+" rejected the object (422 Invalid): "+fieldCauses(kindOf(object), status.Status())+".", err)
	case apierrors.IsConflict(err):
		return c.fail(summary, where+" reports a conflict (409): the object was changed at the same time, or it is not the one in the state. It may have been deleted and created again. Plan again to see its current state.", err)
	case strings.Contains(status.Status().Message, unansweredWebhook):
		return c.fail(summary, where+": "+explainWebhook(status.Status().Message), err)
	default:
		return c.fail(summary, fmt.Sprintf("%s answered %d %s: %s", where, status.Status().Code, status.Status().Reason,
			sentence(jsonvalue.DisplayText(quotedValues.ReplaceAllString(status.Status().Message, `Invalid value`)))), err)
	}
}

// loginSource says which variables the credentials come from, none if they come from the configuration.
func (c *Cluster) loginSource() string {
	if len(c.config.loginVariables) == 0 {
		return ""
	}
	from := " They come from the environment (" + strings.Join(c.config.loginVariables, ", ") + ")"
	if len(c.config.ConfigPaths) == 0 {
		return from + "."
	}
	return from + ", which wins over a kubeconfig file."
}

// IsUnansweredWebhook reports whether an admission webhook could not be called for a write, so that nothing was written.
func IsUnansweredWebhook(err error) bool { return calledWebhook(err) != "" }

var webhookName = regexp.MustCompile(unansweredWebhook + ` "([^"]+)"`)

// calledWebhook returns the name of the admission webhook that could not be called, empty where the error is another one.
func calledWebhook(err error) string {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return ""
	}
	if match := webhookName.FindStringSubmatch(status.Status().Message); match != nil {
		return jsonvalue.Sanitize(match[1])
	}
	return ""
}

// explainWebhook returns which admission webhook could not be called for a write, and what to check.
func explainWebhook(message string) string {
	name, said := "", sentence(jsonvalue.DisplayText(message))
	if match := webhookName.FindStringSubmatch(message); match != nil {
		name = fmt.Sprintf(" %q", jsonvalue.Sanitize(match[1]))
	}
	if airm.IsAgentWebhook(strings.Trim(name, ` "`)) {
		return fmt.Sprintf("the webhook%s of AIRM's agent could not be called, so nothing was written. Check that the agent runs in that cluster (%s), and apply again. The API server says: %s", name, airm.AgentPlace, said)
	}
	return fmt.Sprintf("the admission webhook%s could not be called, so nothing was written: %s Check that the service behind it runs, and apply again.", name, said)
}

// userCannot is what the authorizer says of a user, a verb and a resource or path.
var userCannot = regexp.MustCompile(`^(?:\S+(?: "[^"]*")? is )?(?:forbidden: )?User "(?:[^"\\]|\\.)*" cannot [a-z]+ (?:resource|path) `)

// lacksPermission reports whether the authorizer refused a request, not admission, which answers 403 too.
func lacksPermission(err error) bool {
	var status apierrors.APIStatus
	if !IsForbidden(err) || !errors.As(err, &status) {
		return false
	}
	message := status.Status().Message
	return userCannot.MatchString(message) || strings.Contains(message, blockOwner)
}

// quotedValues is what the API server quotes of a field's value.
var quotedValues = regexp.MustCompile(`Invalid value: ("(\\.|[^"\\])*"|\S+)`)

func (c *Cluster) explainTransport(err error) string {
	var dns *net.DNSError
	var unknownAuthority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	reason := sentence(jsonvalue.DisplayText(withoutPluginOutput(err.Error())))
	switch {
	case errors.As(err, &dns):
		return "cannot be found: " + reason + " Check the host name, and whether this machine is in the right network."
	case errors.As(err, &unknownAuthority):
		return "presented a certificate signed by an unknown authority. Set cluster_ca_certificate."
	case errors.As(err, &hostname):
		return "presented a certificate for another name: " + reason + " Correct the address, or set tls_server_name."
	case errors.Is(err, errNoTimeLeft):
		return "did not answer before the operation timed out. Run again; if the cluster is slow, raise timeouts (timeout in a data source)."
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("did not answer within %s (timed out). Check whether it runs and can be reached from this machine.", requestTimeout)
	case errors.Is(err, context.Canceled):
		return "did not answer before the run was interrupted."
	default:
		return "cannot be reached: " + reason + " Check whether it runs and can be reached from this machine."
	}
}

// pluginOutput is how client-go quotes what it does not understand of a credential plugin's output.
var pluginOutput = regexp.MustCompile(`(?s)decoding stdout: .*`)

// withoutPluginOutput takes it out of the text of an error, because it may be a credential.
func withoutPluginOutput(text string) string {
	return pluginOutput.ReplaceAllString(text, "decoding stdout: the output is not that of a credential plugin. It is not shown, because it may contain credentials")
}

// namesField reports whether a 422 says which field is wrong. That of an admission policy does not, although it has a cause.
func namesField(status metav1.Status) bool {
	return status.Details != nil && slices.ContainsFunc(status.Details.Causes,
		func(cause metav1.StatusCause) bool { return cause.Field != "" })
}

// immutable reports whether a 422 says that a Secret or ConfigMap takes no change at all.
func immutable(status metav1.Status) bool {
	return status.Reason == metav1.StatusReasonInvalid && status.Details != nil && slices.ContainsFunc(status.Details.Causes,
		func(cause metav1.StatusCause) bool {
			return strings.Contains(cause.Message, "field is immutable when `immutable` is set")
		})
}

// fieldCauses lists path and reason of a 422. The API server's message may quote values, so it is
// left out, but for that of a field that takes a few values only.
func fieldCauses(kind string, status metav1.Status) string {
	var causes []string
	for _, cause := range status.Details.Causes {
		text := words(string(cause.Type)) + choices(kind, cause)
		if versions := eso.VersionsOf(kind, cause.Field); versions != "" {
			text += "; " + versions
		}
		causes = append(causes, fmt.Sprintf("%s (%s)", cause.Field, text))
	}
	return strings.Join(causes, ", ")
}

// unsupportedValue is what the API server says of a value that is not among those of an enum.
var unsupportedValue = regexp.MustCompile(`^Unsupported value: ("(?:[^"\\]|\\.){0,100}"): (supported values: "[^"]*"(?:, "[^"]*")*)$`)

// choices returns the value that is not supported and those that are, as kubectl prints them. It does so for ESO's kinds
// alone, which hold references: an object of another kind may be a Secret.
func choices(kind string, cause metav1.StatusCause) string {
	ofESO := []string{airm.KindExternalSecret, airm.KindSecretStore, airm.KindClusterSecretStore}
	match := unsupportedValue.FindStringSubmatch(cause.Message)
	if cause.Type != metav1.CauseTypeFieldValueNotSupported || match == nil || !slices.Contains(ofESO, kind) {
		return ""
	}
	return fmt.Sprintf(": %s; %s", jsonvalue.Sanitize(match[1]), jsonvalue.Sanitize(match[2]))
}

// kindOf is the kind in the text of an object, "ExternalSecret team-a/db".
func kindOf(object string) string {
	kind, _, _ := strings.Cut(object, " ")
	return kind
}

var capital = regexp.MustCompile(`([a-z])([A-Z])`)

// words turns FieldValueNotSupported into "field value not supported".
func words(camel string) string {
	return strings.ToLower(capital.ReplaceAllString(camel, "$1 $2"))
}

// fieldConflict is a field that another manager has set to another value.
type fieldConflict struct {
	field, manager string
	unseen         bool // it was edited, and the plan showed another value: the next plan shows the edit
}

var conflictManager = regexp.MustCompile(`conflict with "([^"]+)"`)

// concerns reports whether a path is the field in conflict, or above or below it.
func (c fieldConflict) concerns(path jsonvalue.Path) bool {
	text := ""
	for _, step := range path {
		if _, isIndex := step.(int); isIndex {
			break // lists of ESO are owned as a whole
		}
		text += fmt.Sprintf(".%s", step)
	}
	field := "." + c.field
	return strings.HasPrefix(text+".", field+".") || strings.HasPrefix(field+".", text+".")
}

// isEntries reports whether the field is a list of entries, which is sent also if it is empty.
func (c fieldConflict) isEntries() bool { return c.field == "spec.data" || c.field == "spec.dataFrom" }

// fieldConflicts reads the conflicts of an apply from its error; none if that is another error.
func fieldConflicts(err error) []fieldConflict {
	var answer apierrors.APIStatus
	if !errors.As(err, &answer) {
		return nil
	}
	status := answer.Status()
	if status.Reason != metav1.StatusReasonConflict || status.Details == nil {
		return nil
	}
	var conflicts []fieldConflict
	for _, cause := range status.Details.Causes {
		if cause.Type != metav1.CauseTypeFieldManagerConflict {
			continue
		}
		found := fieldConflict{field: strings.TrimPrefix(cause.Field, "."), manager: "another manager"}
		if match := conflictManager.FindStringSubmatch(cause.Message); match != nil {
			found.manager = match[1]
		}
		conflicts = append(conflicts, found)
	}
	return conflicts
}

// conflictFields returns the fields of conflicts, each with its manager.
func conflictFields(conflicts []fieldConflict) []string {
	var fields []string
	for _, found := range conflicts {
		fields = append(fields, fmt.Sprintf("%s is managed by %q", found.field, found.manager))
	}
	return fields
}

func (c *Cluster) explainConflicts(ref airm.Ref, conflicts []fieldConflict, err error) error {
	advice := "Remove the field from this configuration or from the other manager's, or set force_conflicts = true to take it over."
	if slices.ContainsFunc(conflicts, fieldConflict.isEntries) {
		advice += " The entries of data and dataFrom are managed as a whole, also where this configuration declares none: declare those of the other manager here, remove them there, or take them over."
	}
	if !slices.ContainsFunc(conflicts, func(found fieldConflict) bool { return !found.unseen }) {
		advice = "It was edited after the plan, or the plan did not refresh: plan again with refresh, which shows the edit."
	}
	return c.fail(fmt.Sprintf("Cannot update %s", ref), fmt.Sprintf("Cluster %q reports a conflict with another field manager: %s. Nothing was written to the object there. %s",
		c.name, strings.Join(conflictFields(conflicts), "; "), advice), err)
}

// sentence ends text with a full stop, so that more can follow.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}
