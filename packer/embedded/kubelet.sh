#!/bin/sh
# The guest's kubelet is the virtual kubelet of this image; its service is started by the guest itself.
if [ "${1:-}" = --version ]; then
  sed -n 's/^kubernetes: /Kubernetes /p' "$LAB_IMAGE_ROOT/etc/lab-image.yaml"
  exit 0
fi
exec "$LAB_IMAGE_ROOT/usr/bin/node" "$LAB_IMAGE_ROOT/usr/lib/lab/node.cjs" "$@"
