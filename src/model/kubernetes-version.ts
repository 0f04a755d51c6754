/** A Kubernetes release. Patch and suffix never matter for auditing: facts change with minor releases only. */
export interface KubernetesVersion {
  readonly major: number;
  readonly minor: number;
  /** As the server writes it, e.g. `v1.34.4` or `v1.29.3-gke.1282001`. */
  readonly text: string;
}

/** Reads `v1.34.4`, `1.34`, `v1.33.1+rke2r1` …; undefined when the text is no version. */
export function parseKubernetesVersion(text: string): KubernetesVersion | undefined {
  const match = /^v?(\d{1,4})\.(\d{1,4})(?:[.+-].*)?$/.exec(text.trim());
  if (match === null) return undefined;
  return {major: Number(match[1]), minor: Number(match[2]), text: text.trim()};
}

/** Whether `version` is the release `major.minor` or a later one. */
export function isAtLeast(version: KubernetesVersion, minor: number, major = 1): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}
