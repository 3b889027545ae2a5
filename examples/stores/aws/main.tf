terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

# Secrets Manager for the whole organization, on EKS: the ServiceAccount has an IAM role by its
# annotation eks.amazonaws.com/role-arn (IRSA).
resource "airm_provider_store" "secrets_manager" {
  name = "aws-secrets-manager"

  aws = {
    service = "SecretsManager"
    region  = "eu-central-1"
    auth = {
      jwt = {
        service_account_ref = {
          name      = "secrets-reader"
          namespace = "external-secrets"
        }
      }
    }
  }
}

# The Parameter Store for one project, with a static access key that is not stored in state or plan,
# and a role that ESO assumes with it.
variable "aws_access_key" {
  type = object({
    id     = string
    secret = string
  })
  ephemeral = true
  sensitive = true
}

resource "airm_provider_store" "parameter_store" {
  project = "team-a"
  name    = "aws-parameter-store"

  aws = {
    service = "ParameterStore"
    region  = "eu-central-1"
    role    = "arn:aws:iam::123456789012:role/team-a-secrets"
    prefix  = "/team-a/"
    auth = {
      secret_ref = {
        access_key_id_secret_ref     = { key = "id" }
        secret_access_key_secret_ref = { key = "secret" }
      }
    }
  }
  credentials_wo         = var.aws_access_key
  credentials_wo_version = 1
}
