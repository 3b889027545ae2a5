resource "airm_organization_secret" "hugging_face" {
  name     = "hugging-face"
  use_case = "HuggingFace"
  store    = { name = "vault" }

  data = {
    token = { key = "ai/hugging-face", property = "token" }
  }
}

# Exactly these projects have the secret. It is removed from all others; the plan
# names them.
resource "airm_secret_assignments" "hugging_face" {
  secret   = airm_organization_secret.hugging_face.name
  projects = ["team-a", "team-b"]
}
