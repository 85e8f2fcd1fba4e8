#!/bin/sh
# kubeadm of the guest: the real one, on configuration files fitted to the machine.
exec "$LAB_IMAGE_ROOT/usr/bin/node" "$LAB_IMAGE_ROOT/usr/lib/lab/guest.cjs" kubeadm "$@"
