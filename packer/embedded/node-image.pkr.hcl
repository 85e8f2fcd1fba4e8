# The node image of the embedded stack: a raw ext4 file system with the programs of a Kubernetes node.
# Works with Packer 1.6.6 and later, with its built-in parts only.

variable "programs_dir" {
  type        = string
  description = "Folder with kubeadm, kube-apiserver, kube-controller-manager, kube-scheduler, etcd, kubectl, kubelet-streams, container-shim and node."
}

variable "stand_ins_dir" {
  type        = string
  description = "Folder with the stand-ins as single files: guest.cjs, node.cjs, egress.cjs, kube-vip.cjs, cloud-provider-nutanix.cjs, hello.cjs; kwok-guest.cjs for guest kwok."
}

variable "kubernetes_version" {
  type        = string
  description = "Version of the programs, with its v; goes into the image's manifest."
}

variable "output" {
  type        = string
  description = "Path of the image to make. PATH.manifest.json beside it says what was built."
}

variable "node_binary" {
  type        = string
  default     = ""
  description = "The node program, where it is not in programs_dir."
}

variable "image_size" {
  type        = string
  default     = "fit"
  description = "Size of the file system as mke2fs takes it (2G), or fit."
}

variable "guest" {
  type        = string
  default     = "process"
  description = "process: machines of their own; kwok: simulated workers, hundreds in one process."
}

source "null" "node" {
  communicator = "none"
}

build {
  sources = ["source.null.node"]

  provisioner "shell-local" {
    environment_vars = [
      "PROGRAMS_DIR=${var.programs_dir}",
      "STAND_INS_DIR=${var.stand_ins_dir}",
      "NODE_BINARY=${var.node_binary}",
      "KUBERNETES_VERSION=${var.kubernetes_version}",
      "OUTPUT=${var.output}",
      "IMAGE_SIZE=${var.image_size}",
      "GUEST=${var.guest}",
      "RECIPE_DIR=${path.root}",
    ]
    inline_shebang = "/bin/sh -e"
    inline         = ["sh \"$RECIPE_DIR/build.sh\""]
  }

  post-processor "manifest" {
    output     = "${var.output}.manifest.json"
    strip_path = false
    custom_data = {
      image              = var.output
      kubernetes_version = var.kubernetes_version
    }
  }
}
