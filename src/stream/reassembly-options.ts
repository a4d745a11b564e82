/** What the configuration says of reassembly. Stage: stream. */
import type { HostPolicy, PolicyNetworks } from '../util/host-policy.js';
import type { ReadOptions } from './stream-reader.js';
import type { UrgentPolicy } from './urgent.js';

export interface ReassemblyOptions extends ReadOptions {
  /** Whether connections are picked up without their opening. */
  readonly midstream: boolean;
  readonly policy: HostPolicy;
  readonly urgent: UrgentPolicy;
  /** Other policies, of hosts of these networks. */
  readonly hostPolicies?: PolicyNetworks | undefined;
  /** Whether somebody takes what is usable. */
  readonly parsed: boolean;
  /** All windows of the shard. */
  readonly memoryBytes: number;
}

export const DEFAULT_REASSEMBLY: Pick<ReassemblyOptions, 'policy' | 'urgent' | 'depthBytes' | 'unackedBytes'> = {
  policy: 'first',
  urgent: 'inline',
  depthBytes: 1_048_576,
  unackedBytes: 65_536,
};
