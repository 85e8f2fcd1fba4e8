#!/bin/sh
# What AHV and Nutanix CSI need of a node: a disk that grows, iSCSI and NFS clients, patience with disks.
set -eu

apt-get install -qy --no-install-recommends \
  cloud-guest-utils cloud-init lsscsi lvm2 multipath-tools nfs-common open-iscsi sysstat xfsprogs

cat >/etc/udev/rules.d/99-nutanix.rules <<'RULES'
ACTION=="add", SUBSYSTEM=="scsi", ATTR{vendor}=="NUTANIX*", ATTR{timeout}="60"
RULES

# A path to a volume may be away for as long as a controller takes to move.
set_iscsi() {
  pattern=$(printf '%s' "$1" | sed 's/[].[]/\\&/g')
  sed -i "/^[# ]*$pattern *=/d" /etc/iscsi/iscsid.conf
  echo "$1 = $2" >>/etc/iscsi/iscsid.conf
}
set_iscsi node.session.timeo.replacement_timeout 120
set_iscsi "node.conn[0].timeo.noop_out_interval" 5
set_iscsi "node.conn[0].timeo.noop_out_timeout" 10
set_iscsi node.session.cmds_max 2048
set_iscsi node.session.queue_depth 1024
set_iscsi "node.conn[0].iscsi.MaxRecvDataSegmentLength" 262144
set_iscsi node.session.iscsi.FirstBurstLength 1048576
set_iscsi node.session.iscsi.MaxBurstLength 1048576

# Each node makes its own name when it starts for the first time.
echo "GenerateName=yes" >/etc/iscsi/initiatorname.iscsi
systemctl enable iscsid
systemctl stop iscsid iscsid.socket open-iscsi || true

# AHV hands user data over on a config drive; looking anywhere else costs time at every start.
echo "datasource_list: [ConfigDrive, NoCloud, None]" >/etc/cloud/cloud.cfg.d/99-nutanix.cfg
