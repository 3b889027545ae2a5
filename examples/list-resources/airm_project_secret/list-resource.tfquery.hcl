# terraform query -generate-config-out=secrets.tf
list "airm_project_secret" "unmanaged" {
  provider         = airm
  include_resource = true
  limit            = 500

  config {
    project   = "team-a"
    unmanaged = true
  }
}
