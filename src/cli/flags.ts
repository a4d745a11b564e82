/** The flags of each command, as commander hands them over. */

/** Flags that several commands share. */
export interface CommonFlags {
  config?: string;
  rules: string[];
  var: Record<string, string>;
  thresholdFile?: string;
  set: Record<string, string>;
}

export interface RunFlags extends CommonFlags {
  listen: string[];
  admin?: string;
  workers?: string;
  eve?: string;
  strict?: boolean;
}

export interface ReadFlags extends CommonFlags {
  workers?: string;
  eve?: string;
  stats?: string;
  profile?: string;
  strict?: boolean;
}

export interface CheckFlags extends CommonFlags {
  json?: boolean;
  strict?: boolean;
  includeDisabled?: boolean;
  format?: string;
  cache?: string;
  hints?: boolean;
  waiting?: boolean;
  explain?: string;
}

export interface MirrorFlags {
  to: string;
  vni: string;
  rate?: string;
  packetLength?: string;
  loop?: string;
}

export interface DoctorFlags extends Pick<CommonFlags, 'config' | 'set'> {
  json?: boolean;
}

export interface UpdateFlags extends Omit<CommonFlags, 'rules'> {
  source: string;
  output: string;
  checksum?: string;
  maxFailed: string;
  timeout: string;
  force?: boolean;
}
