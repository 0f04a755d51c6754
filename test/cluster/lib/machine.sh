# shellcheck shell=bash
# What the machine must offer, and the Debian packages that provide it.

readonly network_plugins_directory=/usr/lib/cni

# Program and the Debian package it comes from.
readonly required_programs=(
  containerd:containerd ctr:containerd runc:runc haproxy:haproxy busybox:busybox-static
  ip:iproute2 nsenter:util-linux unshare:util-linux flock:util-linux mount:mount
  curl:curl openssl:openssl tar:tar ps:procps sysctl:procps
)

busybox_is_static() {
  command -v busybox >/dev/null && ! ldd "$(command -v busybox)" >/dev/null 2>&1
}

missing_packages() {
  local pair
  {
    for pair in "${required_programs[@]}"; do
      command -v "${pair%%:*}" >/dev/null || printf '%s\n' "${pair##*:}"
    done
    busybox_is_static || printf 'busybox-static\n'
    [[ -x $network_plugins_directory/ptp ]] || printf 'containernetworking-plugins\n'
  } | sort -u
}

# Debian's containerd and haproxy would start services of their own; a policy file that says no keeps them from it.
install_missing_packages() {
  local policy=/usr/sbin/policy-rc.d packages status=0
  mapfile -t packages < <(missing_packages)
  ((${#packages[@]})) || return 0
  say "installing ${packages[*]}"
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  else
    policy=
  fi
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"; } \
    >"$lab_directory/packages.log" 2>&1 || status=$?
  [[ -z $policy ]] || rm -f "$policy"
  ((status == 0)) || fail "could not install ${packages[*]} with apt-get; see $lab_directory/packages.log"
}

# The folders of the cgroup v1 controllers (and of the named systemd hierarchy).
cgroup_controllers() {
  awk '$3 == "cgroup" { print $2 }' /proc/mounts
}

has_writable_cgroups() {
  local probe=/sys/fs/cgroup/memory/$prefix-check
  mkdir "$probe" 2>/dev/null && rmdir "$probe"
}

# Containers need overlay mounts where the lab lies; a container's own overlay file system refuses them.
has_overlay_mounts() {
  local probe status=0
  mkdir -p "$lab_directory" && probe=$(mktemp -d "$lab_directory/check.XXXXXX") || return 1
  mkdir "$probe/lower" "$probe/upper" "$probe/work" "$probe/merged"
  unshare --mount mount -t overlay overlay \
    -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" "$probe/merged" 2>/dev/null || status=$?
  rm -rf "$probe"
  return "$status"
}

# One line per reason why no cluster can run here; nothing when it can.
obstacles() {
  [[ $(uname -s) == Linux ]] || { printf 'this is not Linux: run it on a Linux machine\n' && return; }
  ((EUID == 0)) || { printf 'the user is not root: run it as root\n' && return; }
  if ! command -v go >/dev/null && [[ ! -x $base_binaries/kube-apiserver ]]; then
    printf 'there is no go to build Kubernetes %s with: install Go and put it on the PATH\n' "$base_version"
  fi
  local packages
  packages=$(missing_packages | tr '\n' ' ')
  if [[ -n $packages ]] && ! command -v apt-get >/dev/null; then
    printf 'there is no apt-get to install what is missing: install what Debian has in %s\n' "$packages"
  fi
  [[ -n $(cgroup_controllers) ]] || printf 'there are no cgroup v1 controllers: run it on a machine that mounts them\n'
  [[ -z $(cgroup_controllers) ]] || has_writable_cgroups ||
    printf 'no cgroup can be made below /sys/fs/cgroup: run it where root may make them\n'
  unshare --mount --uts --net --pid --fork true 2>/dev/null ||
    printf 'root may not make namespaces here: run it outside of a restricted container\n'
  has_overlay_mounts ||
    printf 'no overlay can be mounted in %s: set KUBECTL_AUDIT_LAB to a folder on a file system like ext4\n' "$lab_directory"
}

require_machine() {
  local reasons
  reasons=$(obstacles)
  [[ -z $reasons ]] || { say "cannot run here: ${reasons//$'\n'/; }" && exit 3; }
  mkdir -p "$lab_directory"
}
