# With a user name and password of OpenBao. The password is in an existing Secret.
resource "airm_provider_store" "open_bao" {
  name             = "openbao"
  allowed_projects = ["team-a"]

  vault = {
    server = "http://openbao.cf-openbao.svc.cluster.local:8200"
    path   = "secrets"
    auth = {
      user_pass = {
        username   = "readonly-user"
        secret_ref = { name = "openbao-user", key = "password", namespace = "cf-openbao" }
      }
    }
  }
}
