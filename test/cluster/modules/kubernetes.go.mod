module lab.local/kubernetes

go @GO_VERSION@

require k8s.io/kubernetes v@VERSION@

replace (
@STAGING_REPLACEMENTS@
)
