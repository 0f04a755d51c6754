import type {Preset} from '../model/requirement.ts';
import {CALICO_LOG_PATH, NETWORK_POLICY_REQUIREMENTS, calicoResources} from './calico.ts';

/** What Calico Enterprise needs: as Calico, and changes of its own policies and tiers. */
export const CALICO_ENTERPRISE: Preset = {
  name: 'calico-enterprise',
  title: 'Calico Enterprise: network policy, Calico policies and tiers',
  source: {
    title: 'Calico Enterprise documentation: Kubernetes audit logs',
    url: 'https://docs.tigera.io/calico-enterprise/latest/observability/kube-audit',
  },
  requirements: [...NETWORK_POLICY_REQUIREMENTS, ...calicoResources('must')],
  logPath: CALICO_LOG_PATH,
};
