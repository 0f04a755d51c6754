# shellcheck shell=bash
# Container images without a registry: docker-archive files of one layer, and a containerd folder that has them unpacked.

readonly image_repository=lab.local
readonly pause_image=$image_repository/pause:3.10.1
readonly busybox_image=$image_repository/busybox:1.37
readonly images_directory=$lab_directory/images
# Raise it when what is in the prepared folder changes, so that an older one is not taken.
readonly image_store_revision=2
readonly image_store=$images_directory/containerd-$base_version-$image_store_revision

architecture() {
  case $(uname -m) in
    x86_64) printf 'amd64\n' ;;
    aarch64) printf 'arm64\n' ;;
    *) uname -m ;;
  esac
}

digest_of() {
  sha256sum "$1" | cut -d' ' -f1
}

# write_image FILE REFERENCE ROOT-FOLDER COMMAND: packs ROOT-FOLDER as the only layer.
write_image() {
  local file=$1 reference=$2 root=$3 command=$4 work
  work=$(mktemp -d "$lab_directory/image.XXXXXX")
  tar --directory "$root" --owner=0 --group=0 --sort=name --mtime=@0 -cf "$work/layer.tar" .
  printf '{"architecture":"%s","os":"linux","config":{"Env":["PATH=/usr/local/bin:/bin"],"Cmd":%s},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$(architecture)" "$command" "$(digest_of "$work/layer.tar")" >"$work/config.json"
  printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$reference" >"$work/manifest.json"
  tar --directory "$work" -cf "$file.part" manifest.json config.json layer.tar
  mv "$file.part" "$file"
  rm -rf "$work"
}

# write_program_image FILE REFERENCE BINARY
write_program_image() {
  local root
  root=$(mktemp -d "$lab_directory/root.XXXXXX")
  install -D -t "$root/usr/local/bin" "$3"
  write_image "$1" "$2" "$root" "[\"$(basename "$3")\"]"
  rm -rf "$root"
}

# The shell image also serves as the pause image: all that one does is to wait.
write_busybox_image() {
  local file=$1 reference=$2 command=$3 root applet
  root=$(mktemp -d "$lab_directory/root.XXXXXX")
  mkdir -p "$root/bin" "$root/etc" "$root/root" "$root/tmp"
  chmod 1777 "$root/tmp"
  install "$(command -v busybox)" "$root/bin/busybox"
  busybox --list | while IFS= read -r applet; do
    [[ $applet == busybox ]] || ln -s busybox "$root/bin/$applet"
  done
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
  write_image "$file" "$reference" "$root" "$command"
  rm -rf "$root"
}

# The part for kubelet would make folders outside of its own.
write_import_config() {
  cat >"$1" <<TOML
version = 2
root = "$2"
state = "/run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]

[plugins."io.containerd.internal.v1.opt"]
  path = "$2/opt"
TOML
}

write_containerd_config() {
  cat >"$1" <<TOML
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"

[grpc]
  address = "/run/containerd/containerd.sock"

[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$pause_image"
  # Without CAP_SYS_RESOURCE a lower score is refused, and runc fails with it.
  restrict_oom_score_adj = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$network_plugins_directory"
    conf_dir = "/etc/cni/net.d"

  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
TOML
}

write_base_images() {
  local target=$1 component
  for component in "${control_plane_components[@]}"; do
    write_program_image "$target/$component.tar" "$image_repository/$component:v$base_version" "$base_binaries/$component"
  done
  write_program_image "$target/etcd.tar" "$image_repository/etcd:v$etcd_version" "$lab_directory/binaries/etcd-$etcd_version/etcd"
  write_busybox_image "$target/busybox.tar" "$busybox_image" '["/bin/sh"]'
  write_busybox_image "$target/pause.tar" "$pause_image" '["/bin/sleep","2147483647"]'
}

# Unpacking takes seconds for each image, so it is done once, by a containerd of its own; every node then gets a copy.
prepare_image_store() {
  [[ ! -d $image_store ]] || return 0
  local work
  say "preparing the images of $base_version"
  mkdir -p "$images_directory"
  work=$(mktemp -d "$images_directory/prepare.XXXXXX")
  mkdir "$work/images" "$work/store"
  write_base_images "$work/images"
  write_import_config "$work/containerd.toml" "$work/store"
  unshare --mount --net --pid --fork --kill-child --mount-proc \
    bash "$cluster_directory/lib/import-images" "$work" >"$work/import.log" 2>&1 9>&- || {
    tail -n 20 "$work/import.log" >&2
    fail "could not import the images; the lines above say why (the rest is in $work)"
  }
  mv "$work/store" "$image_store"
  rm -rf "$work"
}

# Layers and blobs are never written to, so nodes share them as hard links; only the databases are true copies.
copy_image_store() {
  local target=$1 database
  cp --archive --link "$image_store/." "$target/"
  while IFS= read -r -d '' database; do
    cp --archive --remove-destination "$image_store/$database" "$target/$database"
  done < <(cd "$image_store" && find . -name '*.db' -print0)
}

api_server_image() {
  printf '%s/kube-apiserver:v%s\n' "$image_repository" "$1"
}

# The path of the image file of another release's API server.
api_server_image_file() {
  local file=$images_directory/kube-apiserver-$1.tar
  mkdir -p "$images_directory"
  [[ -e $file ]] || write_program_image "$file" "$(api_server_image "$1")" "$lab_directory/binaries/$1/kube-apiserver"
  printf '%s\n' "$file"
}
