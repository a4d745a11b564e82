/** Settings of putting fragments together. */
import { z } from 'zod';
import { DEFAULT_DEFRAG_OPTIONS } from '../dispatch/defrag.js';
import { HOST_POLICIES } from '../util/host-policy.js';
import { bytes, choice, count, seconds } from './setting-types.js';

const defrag = DEFAULT_DEFRAG_OPTIONS;

export const DEFRAG_SETTINGS = z.object({
  datagrams: count(defrag.maxDatagrams, 1, 65_536, 'Datagrams put together at a time, per socket.'),
  bytes: bytes(defrag.maxBytes, 65_536, 'Fragment data held at a time, per socket.'),
  policy: choice(
    HOST_POLICIES,
    defrag.policy,
    'What becomes of fragments of IP that overlap, for hosts not in `hostPolicies`. Of today, `linux`, `vista` and, of ' +
      'IPv6, `bsd` and `macos` discard their datagram.',
  ),
  fragments: count(defrag.maxFragments, 2, 65_535, 'Fragments of one datagram.'),
  ipv4TimeoutSeconds: seconds(defrag.timeoutIpv4Us / 1e6, 'Time for an IPv4 datagram to be complete.'),
  ipv6TimeoutSeconds: seconds(defrag.timeoutIpv6Us / 1e6, 'Time for an IPv6 datagram to be complete.'),
});
