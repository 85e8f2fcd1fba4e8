# A node image for Cluster API on Nutanix (CAPX): Ubuntu 24.04 with containerd, kubeadm, kubelet and what Nutanix CSI
# needs of a node. Sources: qemu.node (a file) and nutanix.node (an image in Prism Central).

locals {
  image_name  = trimsuffix(basename(var.output), ".qcow2")
  description = "Ubuntu 24.04, Kubernetes ${var.kubernetes_version}, containerd ${var.containerd_version}"

  # The plugin takes a digest only, not a list of them.
  base_image_sha256 = substr(var.base_image_checksum, 0, 7) == "sha256:" ? trimprefix(var.base_image_checksum, "sha256:") : ""

  # Exists while the image is built, with a password of this build only.
  build_user     = "builder"
  build_password = uuidv4()
  user_data = join("\n", ["#cloud-config", jsonencode({
    ssh_pwauth = true
    users = [{
      name              = local.build_user
      shell             = "/bin/bash"
      sudo              = "ALL=(ALL) NOPASSWD:ALL"
      lock_passwd       = false
      plain_text_passwd = local.build_password
    }]
  })])
  shutdown_command = "sudo -n sh -c 'rm -f /etc/sudoers.d/90-cloud-init-users; userdel -rf ${local.build_user}; shutdown -P now'"
}

build {
  sources = [
    "source.qemu.node",
    "source.nutanix.node",
  ]

  provisioner "shell" {
    execute_command = "sudo -n env {{ .Vars }} sh -eu {{ .Path }}"
    environment_vars = [
      "DEBIAN_FRONTEND=noninteractive",
      "KUBERNETES_VERSION=${var.kubernetes_version}",
      "KUBERNETES_REPOSITORY=${var.kubernetes_repository}",
      "CONTAINERD_RELEASES=${var.containerd_releases}",
      "CONTAINERD_VERSION=${var.containerd_version}",
      "RUNC_RELEASES=${var.runc_releases}",
      "RUNC_VERSION=${var.runc_version}",
      "EXTRA_IMAGES=${var.extra_images}",
    ]
    scripts = [
      "${path.root}/scripts/system.sh",
      "${path.root}/scripts/nutanix.sh",
      "${path.root}/scripts/containerd.sh",
      "${path.root}/scripts/kubernetes.sh",
      "${path.root}/scripts/verify.sh",
      "${path.root}/scripts/clean-up.sh",
    ]
  }

  post-processors {
    post-processor "shell-local" {
      only   = ["qemu.node"]
      inline = ["mv '${var.output}.build/${basename(var.output)}' '${var.output}'", "rmdir '${var.output}.build'"]
    }

    post-processor "artifice" {
      only  = ["qemu.node"]
      files = [var.output]
    }

    post-processor "manifest" {
      output     = "${var.output}.manifest.json"
      strip_path = false
      custom_data = {
        image              = local.image_name
        kubernetes_version = var.kubernetes_version
        containerd_version = var.containerd_version
      }
    }
  }
}
