// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import "strings"

// AgentPlace says where AIRM's agent, which serves its webhooks too, runs.
const AgentPlace = "in the namespace airm by default"

// IsAgentWebhook reports whether an admission webhook is one of AIRM's agent, by its name.
func IsAgentWebhook(name string) bool { return strings.HasSuffix(name, ".airm.silogen.ai") }
