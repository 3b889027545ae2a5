data "airm_projects" "all" {}

output "projects" {
  value = data.airm_projects.all.projects[*].name
}
