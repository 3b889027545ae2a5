# With IRSA: the annotation eks.amazonaws.com/role-arn of the ServiceAccount names
# the IAM role. Without auth, ESO uses the role of its own pod, for example by EKS
# Pod Identity.
resource "airm_provider_store" "secrets_manager" {
  name             = "aws-secrets-manager"
  allowed_projects = ["team-a"]

  aws = {
    service = "SecretsManager" # or "ParameterStore"
    region  = "eu-central-1"
    auth = {
      jwt = {
        service_account_ref = { name = "secrets-reader", namespace = "external-secrets" }
      }
    }
  }
}
