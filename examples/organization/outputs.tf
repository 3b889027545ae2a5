output "status" {
  description = "How the secret stands as a whole."
  value       = data.airm_organization_secret.token.status
}

output "assignments" {
  description = "How it stands in each project."
  value       = { for a in data.airm_organization_secret.token.assignments : a.project => a.status }
}
