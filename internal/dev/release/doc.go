// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package release tests what is published: it makes a release for this machine as the workflow "release" makes one for all,
// with GoReleaser, syft and a key of its own, and installs it as users do.
package release
