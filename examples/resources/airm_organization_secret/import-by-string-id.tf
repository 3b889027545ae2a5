import {
  to = airm_organization_secret.hugging_face
  id = "hugging-face"
}
