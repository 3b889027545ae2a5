import {
  to = airm_secret_assignments.hugging_face
  identity = {
    secret = "hugging-face"
  }
}
