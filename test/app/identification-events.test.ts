/**
 * What is odd about how the application of a connection is told: rules and events of anomalies, end to end, and beside
 * Suricata where it is installed.
 */
import { describe, expect, it } from 'vitest';
import { IDENTIFICATION_EVENTS } from '../../src/app/identification-events.js';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
import type { Conversation, Said } from '../support/conversation.js';
import { alertsOfEach, eventsOfTalks } from '../support/reading.js';
import { askSuricata, hasSuricata } from '../support/suricata.js';

const NAMES = IDENTIFICATION_EVENTS.map(({ name }) => name.slice('applayer_'.length));
const RULES = NAMES.map((name, i) => `alert ip any any -> any any (app-layer-event:applayer_${name}; sid:${i + 1};)`);
type Name = (typeof NAMES)[number];

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const NOTHING = '\x99'.repeat(80);
const WEB: readonly Said[] = [
  ['>', REQUEST],
  ['<', RESPONSE],
  ['>', REQUEST],
];
const VAIN: readonly Said[] = [
  ['>', NOTHING],
  ['<', NOTHING],
  ['>', NOTHING],
];
const TLS = APPLICATION_SAMPLES.find(({ application }) => application === 'tls')!.said;
const SECURED_MAIL: readonly Said[] = [
  ['<', '220 mx ESMTP\r\n'],
  ['>', 'EHLO a\r\n'],
  ['<', '250-mx\r\n250 STARTTLS\r\n'],
  ['>', 'STARTTLS\r\n'],
  ['<', '220 go\r\n'],
];
const UPGRADED: readonly Said[] = [
  ['>', 'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'],
  ['<', 'HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n'],
];
const CONNECTED: readonly Said[] = [
  ['>', 'CONNECT a:22 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['<', 'HTTP/1.1 200 OK\r\n\r\n'],
];
const much = (side: Said[0]): Said[] => Array.from({ length: 90 }, (): Said => [side, '\x99'.repeat(1300)]);
const byServer = (said: readonly Said[]): Said[] => [...said].sort(([a], [b]) => Number(a === '>') - Number(b === '>'));
const NOT_TLS: readonly Name[] = ['unexpected_protocol', 'no_tls_after_starttls'];

interface Case {
  readonly said: readonly Said[];
  readonly port: number;
  readonly told: readonly Name[];
  /** What Suricata says instead, and why. */
  readonly theirs?: readonly [told: readonly Name[], why: string];
  readonly more?: Partial<Conversation>;
}
const CASES: Readonly<Record<string, Case>> = {
  'TLS whose server begins': { said: byServer(TLS), port: 443, told: ['wrong_direction_first_data'] },
  'TLS whose client begins': { said: TLS, port: 443, told: [] },
  'TLS that is picked up with what the server says': {
    said: byServer(TLS),
    port: 443,
    told: [],
    more: { midstream: true },
  },
  'HTTP whose server begins': { said: byServer(WEB), port: 80, told: [] },
  'a client alone that tells nothing': { said: much('>'), port: 8081, told: ['proto_detection_skipped'] },
  'a server alone that tells nothing': { said: much('<'), port: 8081, told: ['proto_detection_skipped'] },
  'both sides, which tell nothing': { said: VAIN, port: 8081, told: [] },
  'few bytes that tell nothing': { said: [['>', NOTHING]], port: 8081, told: [] },
  'TLS behind STARTTLS': { said: [...SECURED_MAIL, ...TLS], port: 25, told: [] },
  'HTTP behind STARTTLS': { said: [...SECURED_MAIL, ...WEB], port: 25, told: NOT_TLS },
  'nothing known behind STARTTLS': {
    said: [...SECURED_MAIL, ...VAIN],
    port: 25,
    told: NOT_TLS,
  },
  'nothing behind STARTTLS': { said: SECURED_MAIL, port: 25, told: [], theirs: [NOT_TLS, 'the end tells, too'] },
  'HTTP behind AUTH TLS': {
    said: [['<', '220 FTP\r\n'], ['>', 'AUTH TLS\r\n'], ['<', '234 go\r\n'], ...WEB],
    port: 21,
    told: NOT_TLS,
    theirs: [['detect_protocol_only_one_direction'], 'AUTH TLS is not known'],
  },
  'HTTP behind STLS': {
    said: [['<', '+OK pop\r\n'], ['>', 'STLS\r\n'], ['<', '+OK go\r\n'], ...WEB],
    port: 110,
    told: NOT_TLS,
  },
  'HTTP/1 behind an upgrade to HTTP/2': { said: [...UPGRADED, ...WEB], port: 80, told: ['unexpected_protocol'] },
  'nothing known behind an upgrade to HTTP/2': {
    said: [...UPGRADED, ...VAIN],
    port: 80,
    told: ['unexpected_protocol'],
  },
  'whatever is behind CONNECT': {
    said: [...CONNECTED, ['<', 'SSH-2.0-y\r\n'], ['>', 'SSH-2.0-y\r\n'], ['>', 'xxxxx']],
    port: 80,
    told: [],
  },
};
const cases = Object.values(CASES);
const talks = cases.map(({ said, port, more }) => ({ said, serverPort: port, ...more }));
/** Each once, whatever the direction. */
const named = (alerts: readonly string[]): Name[] =>
  [...new Set(alerts.map((alert) => Number.parseInt(alert, 10)))].map((sid) => NAMES[sid - 1]!);

describe('events of identification', () => {
  const alerts = alertsOfEach(talks, RULES, ['stream.midstream=true']);
  const anomalies = eventsOfTalks(talks, RULES, ['stream.midstream=true', 'eve.types=anomaly']).map((events) =>
    (events as unknown as readonly { readonly anomaly: Readonly<Record<string, string>> }[])
      .map(({ anomaly }) => anomaly)
      .filter(({ layer }) => layer === 'proto_detect'),
  );

  it.each(Object.keys(CASES))('are found by rules, once: %s', (name) => {
    const place = Object.keys(CASES).indexOf(name);
    expect(alerts[place]!.map((alert) => NAMES[Number.parseInt(alert, 10) - 1]).sort()).toEqual(
      [...cases[place]!.told].sort(),
    );
  });

  it('are anomalies of the layer that tells protocols', () => {
    for (const [place, { told }] of cases.entries())
      expect(anomalies[place]!.map(({ event }) => event)).toEqual(told.map((name) => `applayer_${name}`));
    const [behindStartTls] = anomalies[Object.keys(CASES).indexOf('HTTP behind STARTTLS')]!;
    expect(behindStartTls).toEqual({
      app_proto: 'http',
      type: 'applayer',
      event: 'applayer_unexpected_protocol',
      layer: 'proto_detect',
    });
    const [skipped] = anomalies[Object.keys(CASES).indexOf('a client alone that tells nothing')]!;
    expect(skipped).not.toHaveProperty('app_proto');
  });

  it.runIf(hasSuricata)('are those of Suricata', () => {
    const answers = askSuricata(
      talks.map((talk, index) => ({ ...talk, host: index + 1 })),
      RULES,
    );
    for (const [place, { told, theirs, more }] of cases.entries())
      if (more === undefined)
        expect([place, named(answers[place]!.alerts.filter((one) => /^\d/.test(one))).sort()]).toEqual([
          place,
          [...(theirs?.[0] ?? told)].sort(),
        ]);
  });
});
