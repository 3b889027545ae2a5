// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package docs holds the tests of what people read: guides, examples, pictures and licences.
package docs
