data "airm_clusters" "all" {}

output "unreachable" {
  value = { for cluster in data.airm_clusters.all.clusters : cluster.name => cluster.reason if !cluster.reachable }
}
