# Fixed values, for tests. They are in the Terraform state.
resource "airm_provider_store" "playground" {
  project = "team-a"
  name    = "playground"

  fake = {
    data = [{ key = "greeting", value = "hello" }]
  }
}
