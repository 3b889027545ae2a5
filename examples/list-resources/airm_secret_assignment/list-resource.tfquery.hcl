list "airm_secret_assignment" "hugging_face" {
  provider = airm

  config {
    secret = "hugging-face"
  }
}
