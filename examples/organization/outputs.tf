output "status" {
  description = "Combined status of the secret."
  value       = data.airm_organization_secret.token.status
}

output "assignments" {
  description = "Status in each project."
  value       = { for a in data.airm_organization_secret.token.assignments : a.project => a.status }
}
