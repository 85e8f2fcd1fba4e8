# What `packer init` fetches. In a file of its own: a Packer before 1.7 reads the others, not this.

packer {
  required_version = ">= 1.7.0"

  required_plugins {
    qemu = {
      version = ">= 1.1.0, < 2.0.0"
      source  = "github.com/hashicorp/qemu"
    }

    # 1.3 speaks Prism's v4 API (Prism Central 2024.3 and later); for an older one take 1.2.
    nutanix = {
      version = ">= 1.3.0, < 2.0.0"
      source  = "github.com/nutanix-cloud-native/nutanix"
    }
  }
}
