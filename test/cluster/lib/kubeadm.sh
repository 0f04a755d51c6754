# shellcheck shell=bash
# kubeadm's part: its configuration, the first node, the nodes that join.

readonly service_network=10.96.0.0/16
readonly pod_network=10.98.0.0/16

# The part that init and join have in common.
node_registration() {
  cat <<YAML
nodeRegistration:
  name: $1
  criSocket: unix:///run/containerd/containerd.sock
  ignorePreflightErrors: [all]
  kubeletExtraArgs:
    - name: node-ip
      value: $(node_address "$1")
patches:
  directory: $state_directory/patches
timeouts:
  controlPlaneComponentHealthCheck: 90s
  tlsBootstrap: 90s
  discovery: 60s
YAML
}

init_configuration() {
  local name=$1 endpoint=$2
  cat <<YAML
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
bootstrapTokens:
  - token: $(<"$state_directory/bootstrap-token")
    ttl: 0s
certificateKey: $(<"$state_directory/certificate-key")
localAPIEndpoint:
  advertiseAddress: $(node_address "$name")
# There is no systemd for the checks, and addons would want a registry.
skipPhases: [preflight, addon, show-join-command]
$(node_registration "$name")
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v$base_version
imageRepository: $image_repository
controlPlaneEndpoint: $endpoint:6443
networking:
  serviceSubnet: $service_network
  podSubnet: $pod_network
etcd:
  local:
    dataDir: /var/lib/etcd
    imageTag: v$etcd_version
apiServer:
  extraArgs:
    # Without kube-proxy a Service address leads nowhere; with it, webhooks are called at their endpoints.
    - name: enable-aggregator-routing
      value: "true"
controllerManager:
  extraArgs:
    - name: allocate-node-cidrs
      value: "false"
    # The default is a folder of the machine itself.
    - name: flex-volume-plugin-dir
      value: /var/lib/kubelet/volume-plugins
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
localStorageCapacityIsolation: false
volumePluginDir: /var/lib/kubelet/volume-plugins
# A full disk of the machine must neither evict pods nor remove images that no registry can bring back.
imageGCHighThresholdPercent: 100
evictionHard:
  nodefs.available: 0%
  nodefs.inodesFree: 0%
  imagefs.available: 0%
YAML
}

join_configuration() {
  local name=$1 endpoint=$2
  cat <<YAML
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  bootstrapToken:
    apiServerEndpoint: $endpoint:6443
    token: $(<"$state_directory/bootstrap-token")
    unsafeSkipCAVerification: true
controlPlane:
  localAPIEndpoint:
    advertiseAddress: $(node_address "$name")
  certificateKey: $(<"$state_directory/certificate-key")
skipPhases: [preflight]
$(node_registration "$name")
YAML
}

write_secrets() {
  (
    umask 077
    printf '%s.%s\n' "$(openssl rand -hex 3)" "$(openssl rand -hex 8)" >"$state_directory/bootstrap-token"
    openssl rand -hex 32 >"$state_directory/certificate-key"
  )
}

# kubeadm applies these to the manifests that it writes: another API server differs in its image only.
write_patches() {
  mkdir -p "$state_directory/patches"
  [[ $1 != "$base_version" ]] || return 0
  cat >"$state_directory/patches/kube-apiserver0+strategic.yaml" <<YAML
spec:
  containers:
    - name: kube-apiserver
      image: $(api_server_image "$1")
YAML
}

containerd_answers() {
  in_node "$1" ctr version
}

import_api_server() {
  local name=$1 version=$2
  [[ $version != "$base_version" ]] || return 0
  in_node "$name" ctr images import "$(api_server_image_file "$version")" >/dev/null
}

# run_kubeadm NAME SUBCOMMAND…
run_kubeadm() {
  local name=$1
  shift
  if ! in_node "$name" timeout 240 kubeadm "$@" --v=1 >"$nodes_directory/$name/var/log/kubeadm.log" 2>&1; then
    say "kubeadm $1 failed on $name"
    return 1
  fi
}

init_first_node() {
  local endpoint=$1
  say "starting cp1"
  init_configuration cp1 "$endpoint" >"$nodes_directory/cp1/kubeadm.yaml"
  run_kubeadm cp1 init --config "$nodes_directory/cp1/kubeadm.yaml" --upload-certs
}

join_node() {
  local name=$1 endpoint=$2
  say "joining $name"
  join_configuration "$name" "$endpoint" >"$nodes_directory/$name/kubeadm.yaml"
  run_kubeadm "$name" join --config "$nodes_directory/$name/kubeadm.yaml"
}
