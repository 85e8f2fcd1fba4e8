#!/bin/sh
# ip of the guest, for what bootstrap data ask of it: `ip link set dev NIC mtu BYTES`. The machine's NICs are files of
# its own in /sys/class/net; the network under them is the host's, which a guest must not change.
set -eu
if [ $# -ne 6 ] || [ "$1 $2 $3 $5" != "link set dev mtu" ]; then
  echo "ip $*: this guest only does \`ip link set dev NIC mtu BYTES\`." >&2
  exit 1
fi
mtu="/sys/class/net/$4/mtu"
if [ ! -f "$mtu" ]; then
  echo "Cannot find device \"$4\"" >&2
  exit 1
fi
echo "$6" >"$mtu"
