# What differs between builds. Secrets come from the environment and are kept out of Packer's output.

variable "kubernetes_version" {
  type        = string
  description = "Version of kubeadm, kubelet and kubectl, with its v."
}

variable "output" {
  type        = string
  description = "The qcow2 file to make. FILE.manifest.json beside it says what was built."
}

variable "base_image_url" {
  type        = string
  default     = "https://cloud-images.ubuntu.com/releases/noble/release/ubuntu-24.04-server-cloudimg-amd64.img"
  description = "Ubuntu 24.04 cloud image. Give a dated one and its sha256 for builds that can be repeated."
}

variable "base_image_checksum" {
  type        = string
  default     = "file:https://cloud-images.ubuntu.com/releases/noble/release/SHA256SUMS"
  description = "sha256:DIGEST, or file:ADDRESS of a list of them."
}

variable "kubernetes_repository" {
  type        = string
  default     = "https://pkgs.k8s.io/core:/stable:"
  description = "Debian packages of Kubernetes, by minor version below it. A mirror goes here."
}

variable "containerd_releases" {
  type        = string
  default     = "https://github.com/containerd/containerd/releases/download"
  description = "Releases of containerd, or a mirror of them."
}

variable "containerd_version" {
  type        = string
  default     = "2.3.2"
  description = "Version of containerd, without a v."
}

variable "runc_releases" {
  type        = string
  default     = "https://github.com/opencontainers/runc/releases/download"
  description = "Releases of runc, or a mirror of them."
}

variable "runc_version" {
  type        = string
  default     = "1.4.3"
  description = "Version of runc, without a v."
}

variable "extra_images" {
  type        = string
  default     = "ghcr.io/kube-vip/kube-vip:v0.9.2"
  description = "Container images to have on every node from the start, with spaces between them."
}

variable "disk_size" {
  type        = number
  default     = 20
  description = "Size of the disk in GiB; a node's own disk may be larger, it grows into it."
}

variable "cpus" {
  type    = number
  default = 2
}

variable "memory" {
  type        = number
  default     = 4096
  description = "Memory of the building machine in MiB."
}

variable "accelerator" {
  type        = string
  default     = "kvm"
  description = "How QEMU runs: kvm, hvf, or tcg where there is neither."
}

variable "nutanix_endpoint" {
  type        = string
  default     = env("NUTANIX_ENDPOINT")
  description = "Prism Central's address, without https:// and port."
}

variable "nutanix_port" {
  type    = number
  default = 9440
}

variable "nutanix_insecure" {
  type        = bool
  default     = false
  description = "Accept any certificate."
}

variable "nutanix_username" {
  type        = string
  default     = env("NUTANIX_USERNAME")
  description = "X-ntnx-api-key where the password is an API key."
}

variable "nutanix_password" {
  type      = string
  default   = env("NUTANIX_PASSWORD")
  sensitive = true
}

variable "nutanix_cluster_name" {
  type        = string
  default     = env("NUTANIX_CLUSTER_NAME")
  description = "Prism Element that builds, and holds the image."
}

variable "nutanix_subnet_name" {
  type        = string
  default     = env("NUTANIX_SUBNET_NAME")
  description = "Subnet with addresses by DHCP or IPAM and a way to the package repositories."
}
