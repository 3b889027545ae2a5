data "airm_project" "team_a" {
  name = "team-a"
}

output "project_id" {
  description = "AIRM's own ID of the project."
  value       = data.airm_project.team_a.project_id
}
