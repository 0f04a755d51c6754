# shellcheck shell=bash
# Nodes: their names and addresses, network, cgroups and processes.

readonly bridge=$prefix
readonly bridge_address=10.99.0.1
readonly nodes_directory=$state_directory/nodes
readonly created_folders=$state_directory/created-folders

# Everything a node writes to; /run/netns holds the network namespaces of its pods.
readonly node_folders=(
  /etc/kubernetes /etc/cni/net.d /var/lib/kubelet /var/lib/etcd /var/lib/containerd /var/lib/cni
  /run/containerd /run/netns /var/log
)

# Kubelet sets them for the whole machine; `down` puts them back.
readonly kernel_settings=(
  vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes
)

node_names() {
  local number
  for ((number = 1; number <= $1; number++)); do
    printf 'cp%d\n' "$number"
  done
}

running_node_names() {
  [[ ! -d $nodes_directory ]] || ls "$nodes_directory"
}

node_address() {
  printf '10.99.0.%d\n' "$((10 + ${1#cp}))"
}

node_pod_network() {
  printf '10.98.%d.0/24\n' "${1#cp}"
}

# Processes are recorded with their start time, so that a number used again is never taken for ours.
process_start_time() {
  local line fields
  { line=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  line=${line##*) }
  read -ra fields <<<"$line"
  printf '%s\n' "${fields[19]}"
}

record_process() {
  mkdir -p "$state_directory/processes"
  printf '%s %s\n' "$2" "$(process_start_time "$2")" >"$state_directory/processes/$1"
}

# The number of a recorded process, when it still lives.
recorded_process() {
  local process start
  read -r process start 2>/dev/null <"$state_directory/processes/$1" || return 1
  [[ $(process_start_time "$process") == "$start" ]] && printf '%s\n' "$process"
}

end_recorded_process() {
  local process
  process=$(recorded_process "$1" 2>/dev/null) || return 0
  kill -KILL "$process" 2>/dev/null || true
  wait_until 20 "the end of process $process ($1)" process_has_ended "$process"
}

process_has_ended() {
  [[ ! -e /proc/$1 ]] || [[ $(ps -o stat= -p "$1") == Z* ]]
}

# A folder to mount on must exist; what had to be made for it goes again with the cluster.
make_mount_point() {
  local folder=$1
  mkdir -p "$state_directory"
  until [[ -d $folder ]]; do
    local missing=$folder
    while [[ ! -d $(dirname "$missing") ]]; do missing=$(dirname "$missing"); done
    printf '%s\n' "$missing" >>"$created_folders"
    mkdir "$missing"
  done
}

remove_mount_points() {
  local folder
  [[ -e $created_folders ]] || return 0
  while IFS= read -r folder; do
    # `ip netns add` leaves its folder mounted on itself.
    ! mountpoint --quiet "$folder" || umount "$folder"
    rmdir "$folder" 2>/dev/null || true
  done < <(tac "$created_folders")
  rm -f "$created_folders"
}

save_kernel_settings() {
  [[ -e $state_directory/kernel-settings ]] || sysctl --ignore "${kernel_settings[@]}" >"$state_directory/kernel-settings"
}

restore_kernel_settings() {
  [[ ! -e $state_directory/kernel-settings ]] || sysctl --quiet --load "$state_directory/kernel-settings"
}

make_bridge() {
  ip link add "$bridge" type bridge
  ip address add "$bridge_address/24" dev "$bridge"
  ip link set "$bridge" up
}

make_node_network() {
  local name=$1 node_count=$2 namespace=$prefix-$1 other
  ip netns add "$namespace"
  ip link add "$namespace" type veth peer name eth0 netns "$namespace"
  ip link set "$namespace" master "$bridge" up
  ip -n "$namespace" link set lo up
  ip -n "$namespace" address add "$(node_address "$name")/24" dev eth0
  ip -n "$namespace" link set eth0 up
  ip -n "$namespace" route add default via "$bridge_address"
  for other in $(node_names "$node_count"); do
    [[ $other == "$name" ]] || ip -n "$namespace" route add "$(node_pod_network "$other")" via "$(node_address "$other")"
  done
  nsenter --net="/run/netns/$namespace" sysctl --quiet --write net.ipv4.ip_forward=1
}

# Kubelet wants its root group to exist in every controller, and a cpuset without processors holds no process.
make_node_cgroups() {
  local controller setting
  for controller in $(cgroup_controllers); do
    mkdir -p "$controller/$prefix-$1"
    for setting in cpuset.cpus cpuset.mems; do
      [[ ! -e $controller/$setting ]] || cat "$controller/$setting" >"$controller/$prefix-$1/$setting"
    done
  done
}

# runc also makes a group in the empty cgroup v2 tree that some machines mount beside the controllers.
remove_node_cgroups() {
  local mounted
  while IFS= read -r mounted; do
    [[ ! -d $mounted/$prefix-$1 ]] || find "$mounted/$prefix-$1" -depth -type d -exec rmdir {} + 2>/dev/null || return 1
  done < <(awk '$3 ~ /^cgroup2?$/ { print $2 }' /proc/mounts)
}

write_pod_network_config() {
  cat >"$2/etc/cni/net.d/10-$prefix.conflist" <<JSON
{
  "cniVersion": "0.4.0",
  "name": "$prefix",
  "plugins": [
    {
      "type": "ptp",
      "ipMasq": false,
      "ipam": {
        "type": "host-local",
        "ranges": [[{"subnet": "$(node_pod_network "$1")"}]],
        "routes": [{"dst": "0.0.0.0/0"}]
      }
    }
  ]
}
JSON
}

make_node_folders() {
  local name=$1 node_directory=$nodes_directory/$1 folder
  mkdir -p "${node_folders[@]/#/$node_directory}"
  printf '%s\n' "${node_folders[@]}" >"$node_directory/folders"
  write_pod_network_config "$name" "$node_directory"
  write_containerd_config "$node_directory/containerd.toml"
  copy_image_store "$node_directory/var/lib/containerd"
}

child_of() {
  ps -o pid= --ppid "$1" | tr -d ' ' | grep .
}

# The process records itself before it becomes what it shall be, so that no interruption leaves an unknown one.
start_node_processes() {
  local name=$1 node_directory=$nodes_directory/$1 parent
  (
    record_process "$name.parent" "$BASHPID"
    PATH=$base_binaries:$PATH exec setsid nsenter --net="/run/netns/$prefix-$name" \
      unshare --mount --uts --pid --fork --kill-child --mount-proc \
      bash "$cluster_directory/lib/node-main" "$name" "$node_directory" "$base_binaries" "$prefix-$name"
  ) >"$node_directory/main.log" 2>&1 </dev/null 9>&- &
  parent=$!
  wait_until 20 "the first process of $name" child_of "$parent" || return 1
  record_process "$name" "$(child_of "$parent")"
}

make_node() {
  local name=$1 node_count=$2
  make_node_network "$name" "$node_count"
  make_node_cgroups "$name"
  make_node_folders "$name"
  start_node_processes "$name"
}

# enter_node NAME COMMAND…: becomes COMMAND inside the node's namespaces, with kubectl and ctr ready for use.
enter_node() {
  local name=$1 process
  shift
  process=$(recorded_process "$name") || usage_error "the node '$name' does not run; names are printed by: cluster nodes"
  exec nsenter --target "$process" --mount --uts --net --pid --wdns=/ \
    env PATH="$base_binaries:$PATH" KUBECONFIG=/etc/kubernetes/admin.conf CONTAINERD_NAMESPACE=k8s.io "$@" 9>&-
}

in_node() {
  (enter_node "$@")
}

# What runs in the node's network without being recorded ends too; its pods' processes end with the node's first one.
end_node() {
  local name=$1
  end_recorded_process "$name"
  end_recorded_process "$name.parent"
  if [[ -e /run/netns/$prefix-$name ]]; then
    ip netns pids "$prefix-$name" | xargs --no-run-if-empty kill -KILL 2>/dev/null || true
  fi
  wait_until 30 "the end of the cgroups of $name" remove_node_cgroups "$name"
}

remove_node_network() {
  local namespace=$prefix-$1
  [[ ! -e /run/netns/$namespace ]] || ip netns delete "$namespace"
  ip link delete "$namespace" 2>/dev/null || true
}

remove_bridge() {
  ip link delete "$bridge" 2>/dev/null || true
}
