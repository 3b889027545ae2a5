list "airm_organization_secret" "failing" {
  provider = airm

  config {
    status = "SyncedError"
  }
}
