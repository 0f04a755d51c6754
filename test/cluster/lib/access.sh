# shellcheck shell=bash
# Kubeconfigs, and questions to the cluster from outside of its nodes.

readonly admin_kubeconfig=$state_directory/admin.kubeconfig
readonly view_kubeconfig=$state_directory/view.kubeconfig
readonly authority_directory=$nodes_directory/cp1/etc/kubernetes/pki

kubectl_as_admin() {
  "$base_binaries/kubectl" --kubeconfig "$admin_kubeconfig" "$@"
}

write_admin_kubeconfig() {
  install --mode=600 "$nodes_directory/cp1/etc/kubernetes/admin.conf" "$admin_kubeconfig"
}

api_server_is_ready() {
  [[ $(curl --silent --max-time 3 --cacert "$authority_directory/ca.crt" "https://$(node_address "$1"):6443/readyz") == ok ]]
}

api_server_has_version() {
  curl --silent --max-time 3 --cacert "$authority_directory/ca.crt" "https://$(node_address "$1"):6443/version" |
    grep --quiet "\"gitVersion\": \"v$2\""
}

all_ready() {
  local kind=$1 wanted=$2
  shift 2
  (($(kubectl_as_admin get "$kind" --request-timeout=5s "$@" \
    --output 'jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' | grep --count True) == wanted))
}

wait_until_ready() {
  local node_count=$1 name
  for name in $(node_names "$node_count"); do
    wait_until 60 "/readyz of the API server of $name" api_server_is_ready "$name" || return 1
  done
  wait_until 60 "all nodes to be Ready" all_ready nodes "$node_count" || return 1
  wait_until 60 "the mirror pods of all API servers to be Ready" \
    all_ready pods "$node_count" --namespace kube-system --selector component=kube-apiserver
}

# A user of the client certificate kind, who may only view.
write_view_kubeconfig() {
  local work
  work=$(mktemp -d "$state_directory/viewer.XXXXXX")
  (
    umask 077
    openssl req -new -newkey rsa:2048 -nodes -subj /CN=viewer -keyout "$work/key" -out "$work/request"
    openssl x509 -req -in "$work/request" -days 365 -CA "$authority_directory/ca.crt" -CAkey "$authority_directory/ca.key" \
      -CAserial "$work/serial" -CAcreateserial -out "$work/certificate"
  ) 2>/dev/null
  kubectl_as_admin create clusterrolebinding viewer --clusterrole=view --user=viewer --dry-run=client --output=yaml |
    kubectl_as_admin apply --filename - >/dev/null
  {
    "$base_binaries/kubectl" config set-cluster kubernetes --server="$(server_address)" \
      --certificate-authority="$authority_directory/ca.crt" --embed-certs --kubeconfig "$work/kubeconfig"
    "$base_binaries/kubectl" config set-credentials viewer --client-certificate="$work/certificate" \
      --client-key="$work/key" --embed-certs --kubeconfig "$work/kubeconfig"
    "$base_binaries/kubectl" config set-context viewer --cluster=kubernetes --user=viewer --kubeconfig "$work/kubeconfig"
    "$base_binaries/kubectl" config use-context viewer --kubeconfig "$work/kubeconfig"
  } >/dev/null
  mv "$work/kubeconfig" "$view_kubeconfig"
  rm -rf "$work"
}

server_address() {
  kubectl_as_admin config view --minify --output 'jsonpath={.clusters[0].cluster.server}'
}
