/** What expressions capture: variables of flows and packets, and the context of alerts. */
import { describe, expect, it } from 'vitest';
import { MAX_PACKET_VARIABLES, MAX_VALUE_BYTES } from '../../src/detect/state/captures.js';
import { Sensor, type Alert } from '../support/detecting.js';
import { ethernet, ipv4, udp } from '../support/packet-builder.js';
import { eventsOfFrames, eventsOfTalks } from '../support/reading.js';
import { programOf } from '../support/rule-options.js';
import { framesOf, type Conversation } from '../support/conversation.js';
import { hasSuricata, suricataEvents } from '../support/suricata.js';

const frame = (payload: string, srcPort = 1000) =>
  ethernet({}, ipv4({ protocol: 17 }, udp({ srcPort, dstPort: 53 }, payload)));
const sensorOf = (...options: string[]) =>
  new Sensor(options.map((text, index) => ({ ...programOf(text), sid: index + 1 })));

interface Told {
  metadata?: { flowvars?: object[]; pktvars?: object[]; flowbits?: string[]; flowints?: object };
  alert?: { context?: object };
}
const metadataOf = ({ event }: Alert) => (event as Told).metadata;
const contextOf = ({ event }: Alert) => (event as Told).alert!.context;

describe('what an expression captures', () => {
  it('is kept for the flow by the name of its group, and by names behind the flags', () => {
    const sensor = sensorOf(
      'pcre:"/user=(?P<flow_user>\\S+)/";',
      'pcre:"/id=(\\d+) of=(\\d+)/i, flow:id,flow:of";',
      'content:"ask"; flowbits:set,asked; flowint:n,=,3;',
    );
    expect(metadataOf(sensor.send(frame('user=alice ID=12 of=30'))[0]!)).toEqual({
      flowvars: [{ user: 'alice' }, { id: '12' }, { of: '30' }],
    });
    sensor.send(frame('user=bob'));
    expect(metadataOf(sensor.send(frame('ask'))[0]!)).toEqual({
      flowbits: ['asked'],
      flowints: { n: 3 },
      flowvars: [{ user: 'bob' }, { id: '12' }, { of: '30' }],
    });
    expect(metadataOf(sensor.send(frame('ask', 1001))[0]!)).not.toHaveProperty('flowvars');
  });

  it('is asked for by rules behind all that set it, whatever their order', () => {
    const sensor = sensorOf(
      'content:"="; flowvar:user,"li"; priority:1;',
      'content:"="; flowvar:user,"l|6f|"; priority:1;',
      'content:"="; pktvar:p,ob; priority:1;',
      'pcre:"/user=(?P<flow_user>\\S+)/"; priority:2;',
      'pcre:"/user=(\\S+)/,pkt:p"; priority:2; noalert;',
    );
    expect(sensor.sids(frame('user=alice'))).toEqual([4, 1]);
    expect(sensor.sids(frame('user=lob'))).toEqual([4, 2, 3]);
    expect(sensor.sids(frame('pass=x'))).toEqual([2]);
  });

  it('is kept of rules that match, and of the choice that lets them', () => {
    const sensor = sensorOf(
      'pcre:"/user=(\\S+)/,flow:never"; content:"absent";',
      'pcre:"/user=(\\S+)/,flow:user"; content:" pass"; distance:0; within:5;',
      'pcre:!"/nobody=(\\S+)/,flow:nobody"; content:"user=";',
      'pcre:"/(?:(x)|(u))ser=/,flow:x,flow:u"; content:"user=";',
    );
    expect(metadataOf(sensor.send(frame('user=a user=b pass'))[0]!)).toEqual({ flowvars: [{ user: 'b' }, { u: 'u' }] });
  });

  it('is shown with the alert, and with those of its packet', () => {
    const sensor = sensorOf(
      'pcre:"/(user)=(\\S*)/,pkt:key,pkt:value"; content:"=";',
      'pcre:"/user=(?P<alert_name>\\S*) (\\S+)/,alert:first,alert:second"; content:"=";',
      'content:"x"; dsize:1;',
    );
    const [first, second] = sensor.send(frame('user=b\x00\xe9" rest'));
    expect(metadataOf(first!)).toEqual({ pktvars: [{ user: 'b.."' }] });
    expect(contextOf(first!)).toBeUndefined();
    expect(metadataOf(second!)).toEqual({ pktvars: [{ user: 'b.."' }] });
    expect(contextOf(second!)).toEqual({ first: 'b\x00\\xe9"', second: 'rest', name: 'b\x00\\xe9"' });
    expect(metadataOf(sensor.send(frame('x'))[0]!)).toBeUndefined();
    expect(contextOf(sensor.send(frame('user= rest'))[1]!)).toEqual({ first: '', second: 'rest', name: '' });
  });

  it('is bounded, and counted where there is no room', () => {
    const long = sensorOf('pcre:"/(x+)/,flow:x"; content:"x";', 'pcre:"/(x+)/,alert:x"; content:"x";');
    const [first, second] = long.send(frame('x'.repeat(1300)));
    expect(metadataOf(first!)).toEqual({ flowvars: [{ x: 'x'.repeat(MAX_VALUE_BYTES) }] });
    expect(contextOf(second!)).toEqual({ x: 'x'.repeat(MAX_VALUE_BYTES) });
    const many = sensorOf(
      ...Array.from({ length: MAX_PACKET_VARIABLES + 3 }, (_, i) => `pcre:"/(x)/,pkt:p${i}"; content:"x";`),
    );
    expect(metadataOf(many.send(frame('x'))[0]!)!.pktvars).toHaveLength(MAX_PACKET_VARIABLES);
    expect(many.detector.stats.flowBitsRefused).toBe(3);
  });

  it('is the same whichever engine finds it', () => {
    const sensor = sensorOf(
      'pcre:"/(?:k(\\w)=(\\w+);)+$/,flow:name,flow:last"; content:"k";',
      'pcre:"/k(\\w)=(\\w+);\\1/,alert:name,alert:value"; content:"k";',
    );
    const [first, second] = sensor.send(frame('kb=2;bka=1;kb=;kc=3;kd=44;'));
    expect(metadataOf(first!)!.flowvars).toEqual([{ name: 'd' }, { last: '44' }]);
    expect(contextOf(second!)).toEqual({ name: 'b', value: '2' });
  });
});

const REQUEST = 'GET /a?id=123 HTTP/1.1\r\nHost: example.com\r\n\r\n';
const RESPONSE = 'HTTP/1.1 200 OK\r\nServer: thing/9\r\nContent-Length: 2\r\n\r\nhi';
const HTTP_RULE =
  'alert http any any -> any any (http.uri; pcre:"/id=(\\d+)/,flow:id,alert:id"; http.stat_code; content:"200"; sid:1;)';

describe('captures in transactions', () => {
  it('are there when a later buffer completes the match', () => {
    const rule = HTTP_RULE.replace(',alert:id', '').replace('sid:1', 'flowbits:set,seen; sid:1');
    const shown = 'alert http any any -> any any (http.server; pcre:"/thing.(\\d)/,alert:version"; sid:2;)';
    const [events] = eventsOfTalks(
      [
        {
          serverPort: 80,
          said: [
            ['>', REQUEST],
            ['<', RESPONSE],
          ],
        },
      ],
      [rule, shown],
      ['eve.types=alert,flow'],
    );
    const alerts = events!.filter(({ event_type }) => event_type === 'alert') as (Told & { event_type: string })[];
    expect(alerts.map(({ metadata }) => metadata)).toEqual([
      { flowbits: ['seen'], flowvars: [{ id: '123' }] },
      { flowbits: ['seen'], flowvars: [{ id: '123' }] },
    ]);
    expect(alerts[1]!.alert!.context).toEqual({ version: '9' });
    const flow = events!.find(({ event_type }) => event_type === 'flow') as Told | undefined;
    expect(flow?.metadata?.flowvars).toEqual([{ id: '123' }]);
  });
});

const WORDS = ['user=alice', 'user=bob', 'pass=x1', 'pass=', 'id=77', 'other', 'k=v=w'];
const PEER_RULES = [
  'alert udp any any -> any any (pcre:"/user=(?P<flow_user>\\w+)/"; sid:1;)',
  'alert udp any any -> any any (pcre:"/pass=(\\w+)/, pkt:pass"; sid:2;)',
  'alert udp any any -> any any (pcre:"/(\\w+)=(\\w+) (\\w+)/, flow:a, alert:b, flow:c"; sid:3;)',
  'alert udp any any -> any any (pcre:"/(\\w+)=(\\d+)/, pkt:key, pkt:value"; sid:4;)',
  'alert udp any any -> any any (content:"id="; flowvar:user,"lic"; sid:5;)',
  'alert udp any any -> any any (content:"id="; pktvar:pass,x; sid:6;)',
  'alert udp any any -> any any (pcre:"/(?:(user)|(pass))=\\w/, flow:u, flow:p"; flowbits:set,known; sid:7;)',
  'alert udp any any -> any any (pcre:"/(\\w)=/, flow:last"; content:"=w"; distance:0; within:2; sid:8;)',
];

describe.skipIf(!hasSuricata)('captures beside Suricata', () => {
  it('are the same in all alerts, and at the ends of flows', () => {
    const random = (n: number, seed: number): number => (Math.imul(seed ^ (seed >>> 7), 0x9e3779b1) >>> 8) % n;
    const talks: Conversation[] = Array.from({ length: 40 }, (_, host) => ({
      host: host + 1,
      udp: true,
      serverPort: 4000,
      said: Array.from({ length: 4 }, (_, turn): ['>' | '<', string] => [
        turn % 2 === 0 ? '>' : '<',
        [0, 1, 2].map((place) => WORDS[random(WORDS.length, 1 + 97 * host + 13 * turn + place)]).join(' '),
      ]),
    }));
    const frames = talks.flatMap(framesOf);
    const told = (events: readonly object[]): string[] =>
      (events as (Told & { event_type: string; pcap_cnt?: number; src_ip: string; alert: { signature_id: number } })[])
        .filter(({ event_type }) => event_type === 'alert' || event_type === 'flow')
        .map(({ event_type, pcap_cnt, src_ip, alert, metadata }) =>
          JSON.stringify(
            event_type === 'flow'
              ? [src_ip, sorted(metadata?.flowvars)]
              : [
                  pcap_cnt,
                  alert.signature_id,
                  (alert as Told['alert'])!.context,
                  sorted(metadata?.flowvars),
                  sorted(metadata?.pktvars),
                ],
          ),
        )
        .sort();
    const ours = told(eventsOfFrames(frames, PEER_RULES, ['eve.types=alert,flow']));
    expect(ours.length).toBeGreaterThan(200);
    expect(ours).toEqual(told(suricataEvents(frames, PEER_RULES, [])));
  });
});

const sorted = (list: readonly object[] = []): string[] => list.map((each) => JSON.stringify(each)).sort();
