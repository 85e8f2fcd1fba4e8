#!/bin/sh
# The system below Kubernetes: packages, kernel modules and settings, no swap.
set -eu

# Exit status 2 is a warning: the machine is up.
cloud-init status --wait || [ $? -eq 2 ]

apt-get update -q
apt-get dist-upgrade -qy
apt-get install -qy --no-install-recommends \
  apt-transport-https auditd bash-completion ca-certificates chrony conntrack curl ebtables ethtool gnupg iproute2 \
  ipset iptables ipvsadm jq socat

cat >/etc/modules-load.d/kubernetes.conf <<'MODULES'
overlay
br_netfilter
ip_vs
ip_vs_rr
ip_vs_wrr
ip_vs_sh
nf_conntrack
MODULES

cat >/etc/sysctl.d/90-kubernetes.conf <<'SETTINGS'
net.ipv4.ip_forward = 1
net.ipv6.conf.all.forwarding = 1
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1
net.ipv4.conf.all.rp_filter = 1
vm.overcommit_memory = 1
kernel.panic = 10
kernel.panic_on_oops = 1
fs.inotify.max_user_instances = 8192
fs.inotify.max_user_watches = 524288
SETTINGS

systemctl restart systemd-modules-load
sysctl --quiet --system

swapoff -a
sed -i '/[[:space:]]swap[[:space:]]/d' /etc/fstab
rm -f /swap.img

systemctl enable auditd chrony
