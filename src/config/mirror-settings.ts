/** Settings of what is told of the mirror. */
import { z } from 'zod';
import { count } from './setting-types.js';

/** From where on something about the mirror is told of, where the configuration does not say otherwise. */
export const MIRROR_DEFAULTS = {
  upstreamPercent: 1,
  cutPercent: 1,
  oneSidedPercent: 20,
  twicePercent: 20,
  silentSeconds: 30 * 60,
  unheardSeconds: 10 * 60,
} as const;

export type MirrorThresholds = Readonly<Record<keyof typeof MIRROR_DEFAULTS, number>>;

export const MIRROR_SETTINGS = z.object({
  upstreamPercent: count(
    MIRROR_DEFAULTS.upstreamPercent,
    1,
    100,
    "Share of a minute's bytes of TCP that were acknowledged and never mirrored, from which on the log tells of it.",
  ),
  cutPercent: count(MIRROR_DEFAULTS.cutPercent, 1, 100, "The same for cut packets, of a minute's packets."),
  oneSidedPercent: count(MIRROR_DEFAULTS.oneSidedPercent, 1, 100, 'The same for connections seen from one side.'),
  twicePercent: count(MIRROR_DEFAULTS.twicePercent, 1, 100, 'The same for packets whose bytes of TCP were there.'),
  silentSeconds: count(MIRROR_DEFAULTS.silentSeconds, 60, 2_592_000, 'Silence of a mirror session that is told of.'),
  unheardSeconds: count(
    MIRROR_DEFAULTS.unheardSeconds,
    60,
    2_592_000,
    'Time after the start in which each session of `vni.names` is to be heard.',
  ),
});
