import {
  to = airm_organization_secret.hugging_face
  identity = {
    name = "hugging-face"
  }
}
