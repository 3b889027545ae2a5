// Package eso knows the fields of External Secrets Operator's objects: fields.tsv, which is made from ESO's own
// definitions, is the only place where they stand.
package eso

//go:generate go run ../dev/fields fields.tsv
