# shellcheck shell=bash
# The load balancer in front of several API servers.

write_balancer_config() {
  local name
  cat <<CONFIG
global
  maxconn 4000

defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  timeout check 2s

frontend api-servers
  bind $bridge_address:6443
  default_backend api-servers

backend api-servers
  option httpchk GET /readyz
  http-check expect status 200
  default-server check check-ssl verify none inter 1s fall 1 rise 1 on-marked-down shutdown-sessions
CONFIG
  for name in $(node_names "$1"); do
    printf '  server %s %s:6443\n' "$name" "$(node_address "$name")"
  done
}

start_balancer() {
  write_balancer_config "$1" >"$state_directory/haproxy.cfg"
  (
    record_process haproxy "$BASHPID"
    exec setsid haproxy -db -f "$state_directory/haproxy.cfg"
  ) >"$state_directory/haproxy.log" 2>&1 </dev/null 9>&- &
}
