// Package secrets is the domain of the provider: what a secret, a store and an assignment are, how they become objects of
// the External Secrets Operator (ESO), what ESO would refuse, and what the state of an object means.
//
// Everything here is a pure function of its arguments: no Terraform, no cluster, no clock. Objects are JSON-like values,
// as unstructured.Unstructured holds them (map[string]any, []any, string, bool, int64, float64), and no function modifies
// its arguments. What is said about ESO was read in its source, version 0.20.4.
package secrets
