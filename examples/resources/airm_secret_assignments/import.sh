# The name of the organization secret
terraform import airm_secret_assignments.hugging_face hugging-face
