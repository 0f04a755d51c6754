# shellcheck shell=bash
# Builds Kubernetes and etcd from their Go modules and keeps the binaries by version.

readonly modules_directory=$cluster_directory/modules
readonly control_plane_components=(kube-apiserver kube-controller-manager kube-scheduler)
readonly node_tools=(kubelet kubeadm kubectl)

# The folder that holds the unpacked source of a module at a version.
module_directory() {
  (cd / && go mod download -json "$1") | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",\{0,1\}$/\1/p'
}

go_version_of() {
  sed -n 's/^go \([0-9.]*\)$/\1/p' "$1/go.mod"
}

# Kubernetes publishes its staging modules as v0.MINOR.PATCH beside its own v1.MINOR.PATCH, but its go.mod replaces
# them by local folders, which count for nothing once another module requires it: hence replacements of our own.
staging_replacements() {
  local source=$1 version=$2
  sed -n "s|^[[:space:]]*\([^ ]*\) => \./staging/.*|\t\1 => \1 v0.${version#*.}|p" "$source/go.mod"
}

write_kubernetes_module() {
  local version=$1 target=$2 source replacements line
  source=$(module_directory "k8s.io/kubernetes@v$version")
  [[ -n $source ]] || fail "could not download the module k8s.io/kubernetes v$version; see the lines above for the reason"
  replacements=$(staging_replacements "$source" "$version")
  while IFS= read -r line; do
    case $line in
      @STAGING_REPLACEMENTS@) printf '%s\n' "$replacements" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done <"$modules_directory/kubernetes.go.mod" |
    sed -e "s/@VERSION@/$version/" -e "s/@GO_VERSION@/$(go_version_of "$source")/" >"$target/go.mod"
}

write_etcd_module() {
  local target=$1 source
  source=$(module_directory "go.etcd.io/etcd/server/v3@v$etcd_version")
  [[ -n $source ]] || fail "could not download the module go.etcd.io/etcd/server/v3 v$etcd_version; see the lines above for the reason"
  sed -e "s/@VERSION@/$etcd_version/" -e "s/@GO_VERSION@/$(go_version_of "$source")/" \
    "$modules_directory/etcd.go.mod" >"$target/go.mod"
  cp "$modules_directory/etcd.go" "$target/main.go"
}

# kubeadm refuses to run without a version, and API server and kubectl report it.
version_linker_flags() {
  local version=$1 major minor package
  IFS=. read -r major minor _ <<<"$version"
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf -- '-X %s.gitVersion=v%s -X %s.gitMajor=%s -X %s.gitMinor=%s -X %s.gitTreeState=clean ' \
      "$package" "$version" "$package" "$major" "$package" "$minor" "$package"
  done
}

# go_build MODULE-FOLDER TARGET-FOLDER LINKER-FLAGS PACKAGE…
go_build() {
  local module=$1 target=$2 linker_flags=$3
  shift 3
  (cd "$module" && CGO_ENABLED=0 go build -mod=mod -trimpath -ldflags "-s -w $linker_flags" -o "$target/" "$@") >&2
}

# Binaries appear under their final name only when complete, so an interrupted build is never taken for a finished one.
build_kubernetes() {
  local version=$1
  shift
  local target=$lab_directory/binaries/$version component missing=() packages=() work
  for component in "$@"; do
    [[ -x $target/$component ]] || missing+=("$component")
  done
  ((${#missing[@]})) || return 0
  say "building ${missing[*]} $version (minutes, the first time)"
  work=$(mktemp -d "$lab_directory/build.XXXXXX")
  write_kubernetes_module "$version" "$work"
  packages=("${missing[@]/#/k8s.io/kubernetes/cmd/}")
  mkdir -p "$work/out" "$target"
  go_build "$work" "$work/out" "$(version_linker_flags "$version")" "${packages[@]}" ||
    fail "could not build Kubernetes $version; the compiler's lines above say why (left in $work)"
  mv "$work/out"/* "$target/"
  rm -rf "$work"
}

build_etcd() {
  local target=$lab_directory/binaries/etcd-$etcd_version work
  [[ ! -x $target/etcd ]] || return 0
  say "building etcd $etcd_version"
  work=$(mktemp -d "$lab_directory/build.XXXXXX")
  write_etcd_module "$work"
  mkdir -p "$work/out" "$target"
  go_build "$work" "$work/out" '' . || fail "could not build etcd $etcd_version; the compiler's lines above say why (left in $work)"
  mv "$work/out/etcd" "$target/"
  rm -rf "$work"
}

build_base() {
  build_kubernetes "$base_version" "${control_plane_components[@]}" "${node_tools[@]}"
  build_etcd
}

build_api_server() {
  build_kubernetes "$1" kube-apiserver
}
