/** Messages of NTP that are wrong, each in its own way. */
import { NTP, NTP_EVENTS } from '../../../src/app/ntp/index.js';
import type { Said } from '../../support/conversation.js';
import { concat } from '../../support/packet-builder.js';
import type { EventCases } from './event-cases.js';

const message = (version: number, mode: number, length = 48): Uint8Array =>
  concat([(version << 3) | mode, 2, 6, 0xec], new Uint8Array(8), 'GPS\0', new Uint8Array(32)).slice(0, length);
const ok: readonly Said[] = [
  ['>', message(4, 3)],
  ['<', message(4, 4)],
];

export const NTP_CASES: EventCases = {
  application: 'ntp',
  protocol: NTP,
  events: NTP_EVENTS,
  port: 123,
  udp: true,
  first: ok,
  cases: {
    'nothing wrong': ok,
    'an answer to nothing': [['<', message(4, 4)], ...ok],
    ...Object.fromEntries([0, 1, 12, 47].map((length) => [`${length} bytes`, [['>', message(4, 3, length)], ...ok]])),
    ...Object.fromEntries(
      [0, 1, 5, 6, 7].map((version) => [`version ${version}`, [['>', message(version, 3)], ...ok]]),
    ),
    ...Object.fromEntries([0, 1, 2, 5, 6, 7].map((mode) => [`mode ${mode}`, [['>', message(4, mode)], ...ok]])),
    'an answer that breaks off': [['<', message(4, 4, 20)], ...ok],
  },
  differs: Object.fromEntries(
    ['1 bytes', '12 bytes', '47 bytes', 'an answer that breaks off'].map((title) => [
      title,
      'there what cannot be read is no transaction, so that malformed_data is never found',
    ]),
  ),
};
