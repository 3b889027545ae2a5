// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package airm has the words of AMD Resource Manager (AIRM), and is the place to read first: projects, use cases, scopes,
// the statuses of a secret, the names, labels and annotations of objects, and the records of organization secrets and their
// assignments. Everything here is a pure function of its arguments.
package airm
