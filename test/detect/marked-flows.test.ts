/** Rules without a pattern that ask for a flowbit: they see packets of flows that have one, or get one. */
import { describe, expect, it } from 'vitest';
import { builtIt } from '../support/built.js';
import { inspect } from '../support/inspect.js';
import { ethernet, ipv4, udp } from '../support/packet-builder.js';
import { alertsOfEach } from '../support/reading.js';

const frame = (srcPort: number, data: string): Uint8Array => ethernet({}, ipv4({}, udp({ srcPort, dstPort: 9 }, data)));

/** Sids by frame, of the rules' second half: the first sets the bit. */
function seen(setter: string, asker: string, ...texts: [port: number, data: string][]): number[][] {
  const frames = texts.map(([port, data], index) => ({
    timeUs: 1_700_000_000_000_000 + index,
    bytes: frame(port, data),
  }));
  const rules = [
    `alert udp any any -> any any (msg:"s"; ${setter} flowbits:set,a; flowbits:noalert; sid:1;)`,
    `alert udp any any -> any any (msg:"b"; flowbits:set,b; dsize:>100; flowbits:noalert; sid:2;)`,
    `alert udp any any -> any any (msg:"x"; ${asker} sid:3;)`,
  ];
  const alerts = inspect(rules.join('\n'), frames);
  return texts.map((_, index) => alerts.filter((alert) => alert.frame === index).map(({ sid }) => sid));
}

describe('a rule that asks for a flowbit', () => {
  it('matches from the packet on that sets it, in that flow alone', () => {
    const texts: [number, string][] = [
      [5, 'quiet'],
      [5, 'mark'],
      [5, 'quiet'],
      [6, 'quiet'],
    ];
    expect(seen('content:"mark";', 'flowbits:isset,a;', ...texts)).toEqual([[], [3], [3], []]);
    expect(seen('content:"mark";', 'flowbits:isset,a|b;', ...texts)).toEqual([[], [3], [3], []]);
  });

  it('matches where what sets it has no pattern either', () => {
    expect(seen('dsize:4;', 'flowbits:isset,a;', [5, 'quiet'], [5, 'mark'])).toEqual([[], [3]]);
  });

  it('that must not be set is tried on every packet', () => {
    expect(seen('content:"mark";', 'flowbits:isnotset,a;', [5, 'quiet'], [5, 'mark'], [6, 'q'])).toEqual([
      [3],
      [],
      [3],
    ]);
  });
});

describe('a mark of a request', () => {
  // Nobody knows that it is one before the server has answered.
  builtIt.each(['GET/ HTTP/1.1\nHost: a\n\n', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'])(
    'is there for its response: %j',
    (request) => {
      const rules = [
        'alert http any any -> any any (http.method; content:"GET"; flowbits:set,asked; sid:1;)',
        'alert http any any -> any any (http.stat_code; content:"400"; flowbits:isset,asked; sid:2;)',
      ];
      const response = 'HTTP/1.0 400 Bad Request\r\nContent-Length: 2\r\n\r\nno';
      const talk = {
        serverPort: 80,
        said: [
          ['>', request],
          ['<', response],
        ],
      } as const;
      expect(alertsOfEach([talk], rules)[0]!.sort()).toEqual(['1>', '2<']);
    },
  );
});
