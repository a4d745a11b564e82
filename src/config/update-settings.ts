/** Settings of rules that a sensor fetches by itself. */
import { z } from 'zod';
import { described, flag, paths, text } from './setting-types.js';

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
const LEAST_SECONDS = 60;
const MOST_SECONDS = 30 * 86_400;
const MOST_SOURCES = 32;

/** `12h` as seconds. */
function secondsOf(value: unknown): unknown {
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*([smhd]?)$/.exec(value.trim()) : null;
  return match === null ? value : Number(match[1]) * UNITS[match[2]!]!;
}

const path = (doc: string) => text('', doc, 'a path');

export const UPDATE_SETTINGS = z.object({
  sources: paths(
    `Archives of rules that a sensor fetches by itself: https addresses or files, at most ${MOST_SOURCES}; none when ` +
      'empty. `rules.update.sources` is the same, and so for the other settings of this group.',
  ).refine((sources) => sources.length <= MOST_SOURCES),
  every: described(z.preprocess(secondsOf, z.number().min(LEAST_SECONDS).max(MOST_SECONDS)).default(86_400), {
    doc: 'How often, give or take a tenth.',
    allowed: 'seconds, or a time such as 30m, 12h or 7d, from 1m to 30d',
    defaultText: '1d',
  }),
  directory: path('Where the set in use (`rules`) and the archives it is made of are kept, over restarts too.'),
  enable: path("Rules to enable that a source has disabled, in the form of suricata-update's enable.conf."),
  disable: path('Rules to disable, in the form of disable.conf.'),
  modify: path('What to write otherwise in rules, in the form of modify.conf.'),
  drop: path('Rules whose action is to be `drop`, in the form of drop.conf.'),
  allowHttp: flag(false, 'Fetch from http addresses, too: whoever is on the way can write your rules.'),
});
