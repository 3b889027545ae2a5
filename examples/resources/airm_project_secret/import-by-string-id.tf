import {
  to = airm_project_secret.hugging_face
  id = "team-a/hugging-face"
}
