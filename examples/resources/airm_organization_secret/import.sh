# Its name
terraform import airm_organization_secret.hugging_face hugging-face
