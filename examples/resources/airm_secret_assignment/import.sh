# secret/project
terraform import airm_secret_assignment.team_a hugging-face/team-a
