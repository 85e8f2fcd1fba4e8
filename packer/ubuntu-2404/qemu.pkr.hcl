# Builds on this machine: a file to upload, no Prism needed. Wants qemu-system-x86_64, and xorriso for the seed.

source "qemu" "node" {
  iso_url      = var.base_image_url
  iso_checksum = var.base_image_checksum
  disk_image   = true
  disk_size    = "${var.disk_size}G"
  format       = "qcow2"

  # In a folder of its own until it is whole: a failed build leaves nothing where an upload would look.
  output_directory = "${var.output}.build"
  vm_name          = basename(var.output)
  disk_compression = true

  accelerator    = var.accelerator
  cpus           = var.cpus
  memory         = var.memory
  net_device     = "virtio-net"
  disk_interface = "virtio"
  headless       = true

  cd_label = "cidata"
  cd_content = {
    "meta-data" = jsonencode({ "local-hostname" = "node-image" })
    "user-data" = local.user_data
  }

  ssh_username     = local.build_user
  ssh_password     = local.build_password
  ssh_timeout      = "20m"
  shutdown_command = local.shutdown_command
  shutdown_timeout = "10m"
}
