// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package eso knows the objects of the External Secrets Operator (ESO): the fields that its versions have, how a secret, a
// store and an assignment become objects, what ESO would refuse, and what the state of an object means. The fields stand in
// fields.tsv alone, which is generated from ESO's own definitions.
//
// Everything here is a pure function of its arguments: no Terraform, no cluster, no clock. Objects are JSON values as
// package jsonvalue describes them, and no function modifies its arguments. What is said about ESO was read in its source,
// version 0.20.4.
package eso

//go:generate go run ../dev/fields fields.tsv
