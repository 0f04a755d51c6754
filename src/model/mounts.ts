/**
 * Follows a path of a container through its mounts to the place where its bytes are.
 */
import {environmentOf, expandVariables} from './command-line.ts';
import type {Container, KeyToPath, PodSpec, Volume, VolumeMount} from './pod.ts';

/** What every mounted path has. */
interface Mounted {
  readonly volume: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
}

/** Where a path of a container really is. */
export type ResolvedPath =
  | ({
      readonly kind: 'host';
      readonly hostPath: string;
      /** As the volume gives it; empty when it gives none. */
      readonly type: string;
      /** The mount point is the path itself, not a directory above it. */
      readonly mountIsFile: boolean;
      /** The volume's own host path is the path itself, so that `type` speaks of it and not of a directory above it. */
      readonly volumeIsFile: boolean;
    } & Mounted)
  | ({
      readonly kind: 'configMap' | 'secret';
      readonly name: string;
      /** Undefined when the volume selects keys and none of them has this path. */
      readonly key: string | undefined;
    } & Mounted)
  | ({readonly kind: 'emptyDir'} & Mounted)
  | ({readonly kind: 'other'; readonly description: string} & Mounted)
  /** Not mounted: a part of the container's own file system, which comes from its image and ends with the container. */
  | {readonly kind: 'image'; readonly path: string}
  | {readonly kind: 'stdout'};

/**
 * Resolves `path` as the container sees it: the mount with the longest mountPath that holds it, compared by path segments.
 * A path that is not absolute starts at the working directory, `/` unless the container sets another. `-` is standard output.
 */
export function resolvePath(spec: PodSpec, container: Container, path: string): ResolvedPath {
  if (path === '-') return {kind: 'stdout'};
  const absolute = segmentsOf(path.startsWith('/') ? path : `${container.workingDir ?? '/'}/${path}`);
  const mount = longestMount(container.volumeMounts ?? [], absolute);
  if (mount === undefined) return {kind: 'image', path: `/${absolute.join('/')}`};
  return throughMount(spec, container, mount, absolute.slice(segmentsOf(mount.mountPath).length));
}

/** The names between the slashes, `.` and `..` resolved. */
function segmentsOf(path: string): readonly string[] {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments;
}

function longestMount(mounts: readonly VolumeMount[], path: readonly string[]): VolumeMount | undefined {
  let longest: VolumeMount | undefined;
  let length = -1;
  for (const mount of mounts) {
    const segments = segmentsOf(mount.mountPath);
    if (segments.length > length && segments.every((segment, index) => segment === path[index])) {
      longest = mount;
      length = segments.length;
    }
  }
  return longest;
}

function throughMount(spec: PodSpec, container: Container, mount: VolumeMount, below: readonly string[]): ResolvedPath {
  const mounted = {volume: mount.name, mountPath: mount.mountPath, readOnly: mount.readOnly === true};
  const volume = spec.volumes?.find((candidate) => candidate.name === mount.name);
  if (volume === undefined) return {kind: 'other', description: 'the pod has no such volume', ...mounted};
  const subPath = mount.subPathExpr ?? mount.subPath ?? '';
  const expanded = mount.subPathExpr === undefined ? subPath : expandVariables(subPath, environmentOf(container));
  if (mount.subPathExpr !== undefined && /\$\([^)]*\)/.test(expanded)) {
    return {
      kind: 'other',
      description: `subPathExpr ${subPath} names a variable whose value the pod does not tell`,
      ...mounted,
    };
  }
  return inVolume(volume, [...segmentsOf(expanded), ...below], below.length === 0, mounted);
}

function inVolume(volume: Volume, inside: readonly string[], mountIsFile: boolean, mounted: Mounted): ResolvedPath {
  const path = inside.join('/');
  if (volume.hostPath !== undefined) {
    const hostPath = `/${[...segmentsOf(volume.hostPath.path), ...inside].join('/')}`;
    const type = volume.hostPath.type ?? '';
    return {kind: 'host', hostPath, type, mountIsFile, volumeIsFile: inside.length === 0, ...mounted};
  }
  if (volume.configMap !== undefined) {
    const {name = '', items} = volume.configMap;
    return {kind: 'configMap', name, key: keyAt(items, path), ...mounted};
  }
  if (volume.secret !== undefined) {
    const {secretName = '', items} = volume.secret;
    return {kind: 'secret', name: secretName, key: keyAt(items, path), ...mounted};
  }
  if (volume.emptyDir !== undefined) return {kind: 'emptyDir', ...mounted};
  return {kind: 'other', description: sourceOf(volume), ...mounted};
}

function keyAt(items: readonly KeyToPath[] | undefined, path: string): string | undefined {
  if (items === undefined || items.length === 0) return path === '' ? undefined : path;
  return items.find((item) => segmentsOf(item.path).join('/') === path)?.key;
}

/** The name of the volume's source, e.g. `projected`. */
function sourceOf(volume: Volume): string {
  return Object.keys(volume).find((key) => key !== 'name') ?? 'no source';
}
