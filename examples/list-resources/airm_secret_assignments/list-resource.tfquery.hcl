list "airm_secret_assignments" "of_team_a" {
  provider = airm

  config {
    project = "team-a"
  }
}
