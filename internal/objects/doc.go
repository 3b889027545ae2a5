// Package objects is what is done with one object of ESO in one cluster, whoever does it: the resource that owns the object,
// or an assignment that the organization's records name. It knows neither Terraform nor records.
package objects
