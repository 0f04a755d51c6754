module lab.local/etcd

go @GO_VERSION@

require go.etcd.io/etcd/server/v3 v@VERSION@
