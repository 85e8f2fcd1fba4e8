# Builds as a virtual machine of a Prism Element: the image is in Prism Central when it ends, named like the file.

source "nutanix" "node" {
  nutanix_endpoint = var.nutanix_endpoint
  nutanix_port     = var.nutanix_port
  nutanix_insecure = var.nutanix_insecure
  nutanix_username = var.nutanix_username
  nutanix_password = var.nutanix_password
  cluster_name     = var.nutanix_cluster_name
  os_type          = "Linux"

  vm_name   = "build-${local.image_name}"
  cpu       = var.cpus
  memory_mb = var.memory
  user_data = base64encode(local.user_data)

  vm_disks {
    image_type                 = "DISK_IMAGE"
    source_image_uri           = var.base_image_url
    source_image_checksum      = local.base_image_sha256
    source_image_checksum_type = local.base_image_sha256 == "" ? "" : "sha256"
    disk_size_gb               = var.disk_size
  }

  vm_nics {
    subnet_name = var.nutanix_subnet_name
  }

  # The name tells the content: an image of that name is the one wanted, and is never overwritten.
  image_name           = local.image_name
  image_description    = local.description
  fail_if_image_exists = true
  force_deregister     = false
  vm_force_delete      = true

  ssh_username     = local.build_user
  ssh_password     = local.build_password
  ssh_timeout      = "20m"
  shutdown_command = local.shutdown_command
  shutdown_timeout = "10m"
}
