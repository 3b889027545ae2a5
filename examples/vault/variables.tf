variable "server" {
  description = "Address of Vault."
  type        = string
}

variable "role_id" {
  description = "Role ID of the AppRole."
  type        = string
}

variable "secret_id" {
  description = "Secret id of the AppRole."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "project" {
  description = "The project that gets the secret."
  type        = string
  default     = "team-a"
}

variable "project_selector" {
  description = "Label that makes a namespace a project. Null: the one that AMD Resource Manager sets."
  type        = string
  default     = null
}
