#!/bin/sh
# kubeadm, kubelet and kubectl at one version, held there, and the images that a node starts with.
set -eu

version=${KUBERNETES_VERSION#v}
minor=${version%.*}
repository="$KUBERNETES_REPOSITORY/v$minor/deb/"

mkdir -p /etc/apt/keyrings
curl -fsSL --retry 5 "${repository}Release.key" | gpg --dearmor --yes -o /etc/apt/keyrings/kubernetes.gpg
[ -s /etc/apt/keyrings/kubernetes.gpg ]
echo "deb [signed-by=/etc/apt/keyrings/kubernetes.gpg] $repository /" >/etc/apt/sources.list.d/kubernetes.list
apt-get update -q
apt-get install -qy --no-install-recommends \
  "kubeadm=$version-*" "kubelet=$version-*" "kubectl=$version-*" cri-tools kubernetes-cni
apt-mark hold kubeadm kubelet kubectl cri-tools kubernetes-cni

# kubeadm starts it; before that it would only fail and try again.
systemctl enable kubelet
systemctl stop kubelet

cat >/etc/crictl.yaml <<'CONFIG'
runtime-endpoint: unix:///run/containerd/containerd.sock
image-endpoint: unix:///run/containerd/containerd.sock
CONFIG

# The pod sandbox that kubeadm expects is the one that containerd takes, and keeps.
pause=$(kubeadm config images list --kubernetes-version "v$version" | grep '/pause:')
cat >/etc/containerd/conf.d/sandbox.toml <<CONFIG
version = 3

[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "$pause"
CONFIG
systemctl restart containerd

kubeadm config images pull --kubernetes-version "v$version"
for image in $EXTRA_IMAGES; do crictl pull "$image"; done

kubeadm completion bash >/etc/bash_completion.d/kubeadm
kubectl completion bash >/etc/bash_completion.d/kubectl
echo "v$version" >/etc/kubernetes-version
