import {
  to = airm_secret_assignment.team_a
  identity = {
    secret  = "hugging-face"
    project = "team-a"
  }
}
