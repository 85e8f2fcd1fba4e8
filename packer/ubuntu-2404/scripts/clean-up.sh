#!/bin/sh
# Takes away what belongs to the building machine: each node that starts from the image makes its own. Runs last.
set -eu

# Nodes are replaced, not upgraded in place.
systemctl disable --now apt-daily.timer apt-daily-upgrade.timer unattended-upgrades.service || true
systemctl mask apt-daily.service apt-daily-upgrade.service
apt-get purge -qy unattended-upgrades || true
apt-get autoremove -qy --purge
apt-get clean
rm -rf /var/lib/apt/lists/*

# Identity.
: >/etc/machine-id
rm -f /var/lib/dbus/machine-id /etc/ssh/ssh_host_* /var/lib/systemd/random-seed
rm -f /etc/netplan/*.yaml /etc/udev/rules.d/70-persistent-net.rules
echo localhost >/etc/hostname
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' >/etc/hosts
cloud-init clean --logs --seed
rm -f /etc/cloud/cloud-init.disabled /etc/ssh/sshd_config.d/50-cloud-init.conf

# Traces.
rm -rf /root/.ssh /root/.cache /root/.bash_history /var/tmp/* /var/crash/* /var/log/journal/*
find /var/log -type f \( -name '*.gz' -o -name '*.[0-9]' -o -name '*.old' \) -delete
find /var/log -type f -exec truncate -s 0 {} +

# What is left over is told, and ends the build.
left=$(
  find /etc/ssh -name "ssh_host_*"
  find /var/lib/cloud -name instance-id 2>/dev/null || true
)
[ -z "$left" ] || { echo "Cleaning up failed: $left is left." >&2; exit 1; }
[ ! -s /etc/machine-id ] || { echo "Cleaning up failed: /etc/machine-id is not empty." >&2; exit 1; }

# Empty blocks take no room in the file.
fstrim --all || true
sync
