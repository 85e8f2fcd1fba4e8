#!/bin/sh
# systemctl of the guest, for its one service: the guest's init starts the kubelet when its files exist, unless
# it was stopped here, and starts it again when it ends. Other units are unknown, as on a machine without them.
state=/run/lab
verb=${1:-}
unit=${2:-}
mkdir -p "$state"

end_kubelet() {
  if [ -f "$state/kubelet.pid" ]; then kill "$(cat "$state/kubelet.pid")" 2>/dev/null; fi
}

case "$verb" in
daemon-reload) exit 0 ;;
esac
case "$unit" in
kubelet | kubelet.service) ;;
*)
  echo "Unit $unit could not be found: this guest has the kubelet's service only ($verb)." >&2
  exit 5
  ;;
esac
case "$verb" in
enable | is-enabled) exit 0 ;;
start) rm -f "$state/kubelet.stopped" ;;
stop)
  : >"$state/kubelet.stopped"
  end_kubelet
  ;;
restart)
  rm -f "$state/kubelet.stopped"
  end_kubelet
  ;;
is-active | status)
  if [ -f "$state/kubelet.pid" ] && kill -0 "$(cat "$state/kubelet.pid")" 2>/dev/null; then
    echo active
  else
    echo inactive
    exit 3
  fi
  ;;
*)
  echo "systemctl $verb is not done by this guest." >&2
  exit 1
  ;;
esac
exit 0
