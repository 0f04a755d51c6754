# shellcheck shell=bash
# Names, places, messages and bounded waits that every other part uses.

# Interface names hold 15 characters at most, so the prefix must leave room for "-cp1".
readonly prefix=audit-lab
readonly base_version=${KUBECTL_AUDIT_LAB_VERSION:-1.34.4}
readonly most_nodes=3
readonly etcd_version=3.6.5
readonly lab_directory=${KUBECTL_AUDIT_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-audit-lab}
readonly state_directory=$lab_directory/state
readonly base_binaries=$lab_directory/binaries/$base_version

say() {
  printf 'cluster: %s\n' "$*" >&2
}

fail() {
  say "$*"
  exit 1
}

usage_error() {
  say "$*"
  exit 2
}

# wait_until SECONDS WHAT COMMAND…: 0 as soon as COMMAND succeeds, 1 with one line when the time is over.
wait_until() {
  local seconds=$1 what=$2
  shift 2
  local deadline=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= deadline)); then
      say "waited ${seconds} s for ${what}, in vain"
      return 1
    fi
    sleep 0.2
  done
}

# One building, starting or ending at a time; daemons are started with this descriptor closed.
lock_lab() {
  mkdir -p "$lab_directory"
  exec 9>"$lab_directory/lock"
  flock --wait 1200 9 || fail "another cluster command still holds $lab_directory/lock after 20 minutes; end it, then try again"
}

require_version() {
  [[ $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] ||
    usage_error "the version '$1' is not of the form 1.34.4; name a release without a leading v"
}

cluster_is_up() {
  [[ -e $state_directory/ready ]]
}

require_cluster() {
  cluster_is_up || fail "no cluster is up; start one with: cluster up"
}
