variable "projects" {
  description = "Projects that get the secrets."
  type        = set(string)
  default     = ["team-a", "team-b"]
}

variable "project_selector" {
  description = "Label that makes a namespace a project. Null: the one that AMD Resource Manager sets."
  type        = string
  default     = null
}
