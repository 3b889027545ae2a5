# Defined once. No project has it until it is assigned, with airm_secret_assignment or
# airm_secret_assignments.
resource "airm_organization_secret" "hugging_face" {
  name             = "hugging-face"
  use_case         = "HuggingFace"
  store            = { name = "vault" }
  refresh_interval = "1h"

  data = {
    token = { key = "ai/hugging-face", property = "token" }
  }
}
