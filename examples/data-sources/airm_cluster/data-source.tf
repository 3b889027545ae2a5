data "airm_cluster" "default" {
  name = "default"
}

check "cluster" {
  assert {
    condition     = data.airm_cluster.default.api_version != null
    error_message = "The cluster cannot be used: ${coalesce(data.airm_cluster.default.reason, "no reason")}"
  }
}
