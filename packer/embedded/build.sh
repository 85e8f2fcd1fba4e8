#!/bin/sh
# Makes the node image of the embedded stack: a raw ext4 file system, without root. Packer gives the environment:
# PROGRAMS_DIR, STAND_INS_DIR, NODE_BINARY, KUBERNETES_VERSION, OUTPUT, IMAGE_SIZE ("fit" or e.g. 2G), GUEST (process or
# kwok), RECIPE_DIR.
# The same inputs give the same bytes: every time in the file system is the epoch.
set -eu
PATH="$PATH:/usr/sbin:/sbin"

fail() {
  echo "Making the node image failed: $1" >&2
  exit 1
}

command -v mke2fs >/dev/null || fail "mke2fs is not installed. Install the package e2fsprogs."
folder=$(dirname "$OUTPUT")
mkdir -p "$folder"
# Named after the output, so that the next run clears away what a killed one left.
work="$OUTPUT.work"
rm -rf "$work" "$OUTPUT.part"
trap 'rm -rf "$work"' EXIT INT TERM
root="$work/root"
mkdir -p "$root/etc/lab" "$root/usr/bin" "$root/usr/lib/lab" "$root/usr/local/bin"

# A hard link where the file system allows it: mke2fs reads the file, nothing writes to it.
put() {
  source=$(readlink -f "$1") || fail "$1 does not exist."
  [ -f "$source" ] || fail "$1 does not exist."
  ln "$source" "$2" 2>/dev/null || cp "$source" "$2"
}

# A machine of its own: the programs of a node, and the guest that starts them.
add_processes() {
  for program in kubeadm kube-apiserver kube-controller-manager kube-scheduler etcd kubectl kubelet-streams \
    container-shim; do
    put "$PROGRAMS_DIR/$program" "$root/usr/bin/$program"
  done
  for stand_in in guest node egress kube-vip cloud-provider-nutanix hello; do
    if [ -f "$STAND_INS_DIR/$stand_in.cjs" ]; then
      put "$STAND_INS_DIR/$stand_in.cjs" "$root/usr/lib/lab/$stand_in.cjs"
    else
      echo "node image: no $stand_in.cjs in $STAND_INS_DIR, left out" >&2
    fi
  done
  cp "$RECIPE_DIR/catalogue.yaml" "$RECIPE_DIR/egress-selector.yaml" "$root/etc/lab/"
  for script in ip kubeadm kubelet systemctl; do
    cp "$RECIPE_DIR/$script.sh" "$root/usr/local/bin/$script"
    chmod 755 "$root/usr/local/bin/$script"
  done
}

guest=${GUEST:-process}
case "$guest" in
process)
  init=guest
  add_processes
  ;;
# One of many simulated workers: all that it needs is the program that plays them.
kwok)
  init=kwok-guest
  put "$STAND_INS_DIR/$init.cjs" "$root/usr/lib/lab/$init.cjs"
  ;;
*) fail "there is no guest \"$guest\", only process and kwok." ;;
esac
put "${NODE_BINARY:-$PROGRAMS_DIR/node}" "$root/usr/bin/node"
[ -f "$root/usr/lib/lab/$init.cjs" ] || fail "$STAND_INS_DIR has no $init.cjs, the image's first process."

cat >"$root/etc/lab-image.yaml" <<MANIFEST
format: 1
kubernetes: $KUBERNETES_VERSION
architecture: $(uname -m)
guest: $guest
init: [usr/bin/node, usr/lib/lab/$init.cjs]
MANIFEST

size=${IMAGE_SIZE:-fit}
if [ "$size" = fit ]; then
  # Content, one part in fifty for block maps, 16 MiB for the rest.
  kilobytes=$(du -skL --apparent-size "$root" | cut -f1)
  size="$((kilobytes + kilobytes / 50 + 16384))k"
fi
rm -f "$OUTPUT.part"
# What mke2fs and debugfs take for now.
export E2FSPROGS_FAKE_TIME=1
identity=6c61622d-6e6f-4465-8000-000000000001
mke2fs -q -F -t ext4 -m 0 -N 256 -O ^has_journal,^resize_inode,^metadata_csum -L node -U "$identity" \
  -E "hash_seed=$identity,lazy_itable_init=0,root_owner=0:0" -d "$root" "$OUTPUT.part" "$size" ||
  fail "mke2fs ended with $?; is image_size ($size) large enough?"

# mke2fs copies owners and times; ours must not depend on who builds, and when.
(
  cd "$root"
  find . -mindepth 1 | LC_ALL=C sort | sed 's/^\.//'
  echo /lost+found
  echo /
) | while read -r path; do
  echo "set_inode_field $path uid 0"
  echo "set_inode_field $path gid 0"
  for field in atime ctime mtime crtime; do echo "set_inode_field $path $field @0"; done
  for field in atime_extra ctime_extra mtime_extra crtime_extra; do echo "set_inode_field $path $field 0"; done
done >"$work/fields"
debugfs -w -f "$work/fields" "$OUTPUT.part" >"$work/debugfs.log" 2>&1 || fail "$(tail -3 "$work/debugfs.log")"
mv "$OUTPUT.part" "$OUTPUT"
echo "node image: $OUTPUT, $(du -k "$OUTPUT" | cut -f1) KiB of $size, Kubernetes $KUBERNETES_VERSION"
