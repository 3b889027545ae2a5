// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"cmp"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// Here errors of the clusters and of the organization's records become diagnostics.

// diagnosticText is the summary and the detail of a warning or an error.
type diagnosticText struct{ summary, detail string }

// text returns both, as diagnostics take them.
func (m diagnosticText) text() (summary, detail string) { return m.summary, m.detail }

// errorUnless returns the severity of a failure: an error, unless a warning is enough.
func errorUnless(warning bool) diag.Severity {
	if warning {
		return diag.SeverityWarning
	}
	return diag.SeverityError
}

// addDiagnostic adds an error or a warning.
func addDiagnostic(diags *diag.Diagnostics, severity diag.Severity, summary, detail string) {
	if severity == diag.SeverityWarning {
		diags.AddWarning(summary, detail)
		return
	}
	diags.AddError(summary, detail)
}

// addError adds an error of a cluster, or of the organization's records.
func addError(diags *diag.Diagnostics, err error) { addFailure(diags, diag.SeverityError, err) }

// addFailure adds an error of a cluster, or of the organization's records, with a severity.
func addFailure(diags *diag.Diagnostics, severity diag.Severity, err error) {
	text := messageOf(err)
	addDiagnostic(diags, severity, text.Summary, text.Detail)
}

// atMost returns diagnostics of which none is more severe. Whether the error of one cluster is one of the operation is known only
// when all clusters have answered.
func atMost(severity diag.Severity, diags diag.Diagnostics) diag.Diagnostics {
	if severity == diag.SeverityError {
		return diags
	}
	var all diag.Diagnostics
	for _, d := range diags {
		if at, ok := d.(diag.DiagnosticWithPath); ok {
			all.AddAttributeWarning(at.Path(), d.Summary(), d.Detail())
		} else {
			all.AddWarning(d.Summary(), d.Detail())
		}
	}
	return all
}

// keepState warns that a cluster cannot be asked; what is in the state stays.
func keepState(err error, diags *diag.Diagnostics) {
	message := messageOf(err)
	diags.AddWarning(message.Summary, message.Detail+" The state is kept as it was.")
}

// messageOf returns the message of an error; that of no cluster and of no record is unexpected.
func messageOf(err error) cluster.Message {
	message := cluster.MessageOf(err)
	message.Summary = cmp.Or(message.Summary, "Unexpected error")
	return message
}
