// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"errors"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Message is what users read of an error: Summary says what happened, and Detail says where, why and what to do next.
type Message struct{ Summary, Detail string }

// MessageOf returns the message of an error: that of an Error, or of an error of another package that has one, or that of an
// operation that ended. Any other error has no summary.
func MessageOf(err error) Message {
	var explained interface{ Message() Message }
	switch {
	case errors.As(err, &explained):
		return explained.Message()
	case errors.Is(err, context.DeadlineExceeded):
		return Message{Summary: "Operation timed out", Detail: "The operation did not finish within its timeout. Raise it with the argument timeouts."}
	case errors.Is(err, context.Canceled):
		return Message{Summary: "The run was interrupted", Detail: "Run again to continue."}
	}
	return Message{Detail: jsonvalue.Sanitize(err.Error())}
}

// ErrorText returns the message of an error in one piece.
func ErrorText(err error) string {
	message := MessageOf(err)
	if message.Summary == "" {
		return message.Detail
	}
	return message.Summary + ". " + message.Detail
}
