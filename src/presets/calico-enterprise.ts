import type {Preset} from '../model/requirement.ts';
import {CALICO_LOG_PATH, NETWORK_POLICY_REQUIREMENTS, SAMPLE_DEPARTURES, calicoPolicies} from './calico.ts';

const PLACE = 'CNX Resource Auditing with Kubernetes: Sample Auditing Policy';
/** Calico Enterprise's operator starts Calico's own API server with audit flags; open-source Calico does not. */
const OWN_LOG = "tsee-audit.log, which Calico Enterprise's own API server writes";

/** What Calico Enterprise needs: as Calico, and changes of its own policies and tiers. */
export const CALICO_ENTERPRISE: Preset = {
  name: 'calico-enterprise',
  title: 'Calico Enterprise: network policy, Calico policies and tiers',
  source: {
    title: 'Calico Enterprise documentation: Kubernetes audit logs',
    url: 'https://docs.tigera.io/calico-enterprise/latest/observability/kube-audit',
  },
  requirements: [...NETWORK_POLICY_REQUIREMENTS, ...calicoPolicies(PLACE, OWN_LOG)],
  logPath: CALICO_LOG_PATH,
  departures: [
    ...SAMPLE_DEPARTURES,
    {
      what: 'update is asked for.',
      why: "The document's text lists create, update and delete; its sample has patch in place of update.",
    },
    {
      what: 'NetworkPolicies of projectcalico.org are asked for.',
      why: "The document's text lists NetworkPolicy among Calico's resources; its sample has only those of networking.k8s.io.",
    },
    {
      what: 'Metadata is enough for projectcalico.org; bodies are asked of crd.projectcalico.org.',
      why:
        "Requests for an aggregated group are passed on to Calico's API server: their bodies are never in the log of " +
        `kube-apiserver. Where that group is not recorded either, they may be in ${OWN_LOG}: then it is unknown whether ` +
        'the requirement is met.',
    },
    {
      what: 'Bodies are not asked of projectcalico.org where Calico 3.32 runs without an API server of its own.',
      why:
        'That is a technology preview: the group is then one of custom resources, and kube-apiserver records its bodies ' +
        'at RequestResponse. A preset file of your own can ask for it.',
    },
  ],
};
