/**
 * The flags of one kube-apiserver, as its process reads them.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/server/options/audit.go
 */

/** Every flag this program looks at, without the leading dashes. */
export type FlagName = string;

/** The last value given on the command line and all the values given before it. */
export interface GivenFlag {
  readonly value: string;
  /** All values in the order given, the effective one last. More than one means that the flag was repeated. */
  readonly values: readonly string[];
}

/** What a command line says, before any default is added. */
export interface ServerFlags {
  /** By flag name, `_` already read as `-`. */
  readonly given: ReadonlyMap<FlagName, GivenFlag>;
  /** The server's own words when it would not start like this, in the order it would find them; empty when it would. */
  readonly refused: readonly string[];
}

/** A typed setting and where it comes from. */
export interface Setting<T> {
  readonly value: T;
  readonly from: 'flag' | 'default';
}

/** The audit settings of one server with that release's defaults filled in; ages in days, sizes in MiB, as the flags have them. */
export interface AuditSettings {
  /** Empty string: not set, as for the server. */
  readonly policyFile: Setting<string>;
  /** Empty string: no log backend. `-`: standard output. */
  readonly logPath: Setting<string>;
  readonly logMaxAge: Setting<number>;
  readonly logMaxBackup: Setting<number>;
  readonly logMaxSize: Setting<number>;
  readonly logCompress: Setting<boolean>;
  readonly logFormat: Setting<string>;
  readonly logMode: Setting<string>;
  readonly logBatchBufferSize: Setting<number>;
  readonly logTruncateEnabled: Setting<boolean>;
  /** Empty string: no webhook backend. */
  readonly webhookConfigFile: Setting<string>;
  readonly webhookMode: Setting<string>;
  readonly webhookBatchBufferSize: Setting<number>;
  readonly webhookBatchMaxSize: Setting<number>;
  readonly webhookBatchThrottleEnable: Setting<boolean>;
  readonly webhookBatchThrottleQps: Setting<number>;
  readonly webhookBatchThrottleBurst: Setting<number>;
}
