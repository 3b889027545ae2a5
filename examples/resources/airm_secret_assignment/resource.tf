resource "airm_organization_secret" "hugging_face" {
  name     = "hugging-face"
  use_case = "HuggingFace"
  store    = { name = "vault" }

  data = {
    token = { key = "ai/hugging-face", property = "token" }
  }
}

# Assigns it to one more project. Assignments by other workspaces are not affected.
resource "airm_secret_assignment" "team_a" {
  secret  = airm_organization_secret.hugging_face.name
  project = "team-a"
}
