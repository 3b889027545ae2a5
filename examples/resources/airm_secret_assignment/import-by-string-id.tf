import {
  to = airm_secret_assignment.team_a
  id = "hugging-face/team-a"
}
