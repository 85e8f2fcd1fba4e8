#!/bin/sh
# Whether the image is what it says, before it is closed. All that is wrong comes out together.
set -eu
faults=0

# check WHAT COMMAND...: notes a fault where the command fails.
check() {
  what=$1
  shift
  if "$@" >/dev/null 2>&1; then
    echo "verify: $what"
  else
    echo "verify: NOT $what" >&2
    faults=$((faults + 1))
  fi
}

is() { [ "$1" = "$2" ]; }

for setting in net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 vm.overcommit_memory=1 kernel.panic=10; do
  check "sysctl $setting" is "$(sysctl -n "${setting%=*}")" "${setting#*=}"
done
for module in overlay br_netfilter ip_vs; do check "module $module" test -d "/sys/module/$module"; done
check "no swap" is "$(swapon --noheadings | wc -l)" 0

for service in containerd kubelet auditd chrony iscsid; do
  check "$service enabled" systemctl is-enabled "$service"
done
for service in containerd auditd chrony; do check "$service running" systemctl is-active "$service"; done
check "kubelet not running" is "$(systemctl is-active kubelet || true)" inactive

check "kubeadm $KUBERNETES_VERSION" is "$(kubeadm version -o short)" "$KUBERNETES_VERSION"
check "kubelet $KUBERNETES_VERSION" is "$(kubelet --version)" "Kubernetes $KUBERNETES_VERSION"
check "containerd $CONTAINERD_VERSION" is "$(containerd --version | cut -d' ' -f3)" "v$CONTAINERD_VERSION"
check "runc $RUNC_VERSION" is "$(runc --version | head -n 1)" "runc version $RUNC_VERSION"
check "the runtime answers" crictl info

for package in cloud-guest-utils cloud-init lsscsi lvm2 nfs-common open-iscsi xfsprogs; do
  check "package $package" dpkg-query -s "$package"
done
for image in $(kubeadm config images list --kubernetes-version "$KUBERNETES_VERSION") $EXTRA_IMAGES; do
  check "image $image" crictl inspecti "$image"
done

[ "$faults" -eq 0 ] || {
  echo "Verifying the node image failed: $faults of the checks above. Correct the recipe." >&2
  exit 1
}
