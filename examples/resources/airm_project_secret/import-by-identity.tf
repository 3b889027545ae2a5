import {
  to = airm_project_secret.hugging_face
  identity = {
    project = "team-a"
    name    = "hugging-face"
  }
}
