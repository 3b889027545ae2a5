variable "projects" {
  type        = set(string)
  description = "Projects of the organization."
}

variable "assigned" {
  type        = set(string)
  description = "Projects that have the secret."
  default     = []
}

variable "served" {
  type        = set(string)
  description = "Projects whose store works."
  default     = []
}

variable "project_selector" {
  type        = string
  description = "Label selector of the namespaces that are projects. Null: those of AIRM."
  default     = null
}

variable "platform_namespace" {
  type        = string
  description = "Namespace that keeps the organization's records. Null: airm-secrets."
  default     = null
}
