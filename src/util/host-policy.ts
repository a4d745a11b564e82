/**
 * Names of what hosts do with data that overlap, segments of TCP (stream/overlap.ts) and fragments of IP
 * (dispatch/fragment-policy.ts) alike, and which hosts are of which: one list for both, as a host has one system.
 *
 * `first`, `last` and `bsd-right` are ways, the others systems: `windows` up to 2003, `vista` from there on;
 * `old-linux` up to 4.18, which is 2018; `solaris` also HP-UX 11; `bsd` also HP-UX 10 and IRIX; `bsd-right` printers.
 */
export const HOST_POLICIES = [
  'first',
  'last',
  'bsd',
  'bsd-right',
  'windows',
  'macos',
  'linux',
  'old-linux',
  'solaris',
  'vista',
] as const;
export type HostPolicy = (typeof HOST_POLICIES)[number];

export const MAX_POLICY_NETWORKS = 64;
/** Network or address, and the policy of its hosts. */
export type PolicyNetworks = Readonly<Record<string, HostPolicy>>;
