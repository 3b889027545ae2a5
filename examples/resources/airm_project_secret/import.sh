# project/name
terraform import airm_project_secret.hugging_face team-a/hugging-face
