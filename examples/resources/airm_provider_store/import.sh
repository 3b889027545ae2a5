# A store for all projects: its name
terraform import airm_provider_store.shared shared

# A store of one project: project/name
terraform import airm_provider_store.playground team-a/playground
