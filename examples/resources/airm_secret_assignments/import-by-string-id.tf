import {
  to = airm_secret_assignments.hugging_face
  id = "hugging-face"
}
