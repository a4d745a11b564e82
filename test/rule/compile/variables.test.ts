import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AddressNode, PortNode } from '../../../src/rule/ast.js';
import { DEFAULT_VARIABLES } from '../../../src/rule/compile/default-variables.js';
import { Diagnostics } from '../../../src/rule/diagnostics/diagnostic.js';
import { parseAddress, parsePort } from '../../../src/rule/parse/parser.js';
import type { AddressSet, Ranges } from '../../../src/block/terms.js';
import { Variables } from '../../../src/rule/compile/variables.js';

type Outcome<S> = S | undefined | string[];

/** The set; undefined for any; codes when something is wrong. */
function addresses(text: string, values: Record<string, string> = {}): Outcome<AddressSet> {
  const diagnostics = new Diagnostics();
  const set = new Variables(values).addresses(parseAddress(text, diagnostics)!, diagnostics);
  return diagnostics.hasErrors ? diagnostics.list.map(({ code }) => code) : set;
}

function ports(text: string, values: Record<string, string> = {}): Outcome<Ranges> {
  const diagnostics = new Diagnostics();
  const set = new Variables(values).ports(parsePort(text, diagnostics)!, diagnostics);
  return diagnostics.hasErrors ? diagnostics.list.map(({ code }) => code) : set;
}

/** `a` to `h` as the addresses 10.0.0.0 to 10.0.0.7. */
function lastBytes(text: string, values: Record<string, string> = {}): number[] {
  const { ipv4 } = addresses(text, values) as AddressSet;
  return Array.from({ length: 8 }, (_, i) => i).filter((i) =>
    ipv4.some(([low, high]) => low <= 0x0a000000 + i && 0x0a000000 + i <= high),
  );
}

describe('ports', () => {
  it('are ports, ranges and lists', () => {
    expect(ports('any')).toBeUndefined();
    expect(ports('80')).toEqual([[80, 80]]);
    expect(ports('[80,81,1000:]')).toEqual([
      [80, 81],
      [1000, 65535],
    ]);
    expect(ports(':1023')).toEqual([[0, 1023]]);
    expect(ports('!80')).toEqual([
      [0, 79],
      [81, 65535],
    ]);
    expect(ports('[1:100,!50:60]')).toEqual([
      [1, 49],
      [61, 100],
    ]);
    expect(ports('[!80,!443]')).toEqual([
      [0, 79],
      [81, 442],
      [444, 65535],
    ]);
    expect(ports('0:65535')).toBeUndefined();
  });

  it('come from variables', () => {
    expect(ports('$HTTP_PORTS')).toEqual([[80, 80]]);
    expect(ports('!$HTTP_PORTS')).toEqual([
      [0, 79],
      [81, 65535],
    ]);
    expect(ports('$FILE_DATA_PORTS')).toEqual([
      [80, 80],
      [110, 110],
      [143, 143],
    ]);
    expect(ports('[$SHELLCODE_PORTS,$ORACLE_PORTS]')).toEqual([[1521, 1521]]);
    expect(ports('$P', { P: '[1,2,!2]' })).toEqual([[1, 1]]);
  });

  const broken: [string, string][] = [
    ['99999', 'bad-port'],
    ['http', 'bad-port'],
    ['90:80', 'bad-port'],
    [':', 'bad-port'],
    ['1-2', 'bad-port'],
    ['!any', 'never-matches'],
    ['[80,!80]', 'never-matches'],
    ['$NOPE', 'unknown-variable'],
  ];
  for (const [text, code] of broken) it(`are not ${text}`, () => expect(ports(text)).toEqual([code]));
});

describe('addresses', () => {
  it('are any', () => {
    expect(addresses('any')).toBeUndefined();
    expect(addresses('[any,1.2.3.4]')).toBeUndefined();
    expect(addresses('[0.0.0.0/0,::/0]')).toBeUndefined();
  });

  it('may be lists without brackets, in variables too', () => {
    const bracketed = lastBytes('[10.0.0.1,10.0.0.3]');
    expect(lastBytes('10.0.0.1,10.0.0.3')).toEqual(bracketed);
    expect(lastBytes('$X', { X: '10.0.0.1,10.0.0.3' })).toEqual(bracketed);
    expect(ports('$P', { P: '80,!80:90' })).toEqual(ports('[80,!80:90]'));
    expect(ports('$P', { P: '80,443' })).toEqual(ports('[80,443]'));
  });

  it('exclude what is negated, wherever it stands', () => {
    const values = { SOME: '[10.0.0.0/30]', NOT: '!10.0.0.1' };
    expect(lastBytes('[10.0.0.0/30,!10.0.0.1]')).toEqual([0, 2, 3]);
    expect(lastBytes('[!10.0.0.1,10.0.0.0/30]')).toEqual([0, 2, 3]);
    expect(lastBytes('[10.0.0.0/30,$NOT]', values)).toEqual([0, 2, 3]);
    expect(lastBytes('[10.0.0.0/30,[!10.0.0.1,10.0.0.5]]')).toEqual([0, 2, 3, 5]);
    expect(lastBytes('[10.0.0.0/29,![10.0.0.0/30,!10.0.0.1]]')).toEqual([1, 4, 5, 6, 7]);
    expect(lastBytes('![10.0.0.0/30,!10.0.0.1]')).toEqual([1, 4, 5, 6, 7]);
  });

  it('that are only negated leave the rest of IPv4 and IPv6', () => {
    expect(addresses('!10.0.0.0/8')).toEqual({
      ipv4: [
        [0, 0x09ffffff],
        [0x0b000000, 0xffffffff],
      ],
      ipv6: [[0n, (1n << 128n) - 1n]],
    });
  });

  it('come out identical for identical text, so that tables can share them', () => {
    const variables = new Variables();
    const node = (): AddressNode => parseAddress('[$HOME_NET,1.2.3.4]', new Diagnostics())!;
    expect(variables.addresses(node(), new Diagnostics())).toBe(variables.addresses(node(), new Diagnostics()));
  });

  const broken: [string, Record<string, string>, string][] = [
    ['!any', {}, 'never-matches'],
    ['[1.2.3.4,!1.2.3.0/24]', {}, 'never-matches'],
    ['[!10.0.0.0/30,10.0.0.1]', {}, 'never-matches'],
    ['$NOPE', {}, 'unknown-variable'],
    ['$A', { A: '$B', B: '[1.2.3.4,$A]' }, 'bad-variable'],
    ['$A', { A: '$A' }, 'bad-variable'],
    ['$A', { A: '1.2.3' }, 'bad-variable'],
    ['$A', { A: '[1.2.3.4' }, 'bad-variable'],
    ['$A', { A: '' }, 'bad-variable'],
    ['1.2.3.4.5', {}, 'bad-address'],
    ['$HTTP_PORTS', {}, 'bad-variable'],
  ];
  it.each([
    ['!$HOME_NET', { HOME_NET: 'any' }],
    ['[!$SOME,10.0.0.1]', { SOME: '[10.0.0.0/30]' }],
  ])('%s that variables leave nothing of hold no address, with a warning', (text, values) => {
    const diagnostics = new Diagnostics();
    expect(new Variables(values).addresses(parseAddress(text, diagnostics)!, diagnostics)).toEqual({
      ipv4: [],
      ipv6: [],
    });
    expect(diagnostics.list.map(({ code, severity }) => [code, severity])).toEqual([['never-matches', 'warning']]);
  });

  for (const [text, values, code] of broken)
    it(`are not ${text} with ${JSON.stringify(values)}`, () => expect(addresses(text, values)).toEqual([code]));

  it('name the way around a circle', () => {
    const diagnostics = new Diagnostics();
    new Variables({ A: '$B', B: '$C', C: '$A' }).addresses(parseAddress('$A', diagnostics)!, diagnostics);
    expect(diagnostics.list[0]!.message).toContain('$A → $B → $C → $A');
  });

  it('survive variables in variables without end', () => {
    const values = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`V${i}`, `[$V${i + 1},$V${i + 1}]`]));
    expect(addresses('$V0', values)).toEqual(['bad-variable']);
    const short = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`V${i}`, i === 39 ? '1.2.3.4' : `[$V${i + 1},$V${i + 1}]`]),
    );
    expect(addresses('$V0', short)).toEqual({ ipv4: [[0x01020304, 0x01020304]], ipv6: [] });
  });
});

describe('the variables that ship', () => {
  const names = Object.keys(DEFAULT_VARIABLES);
  it.each(names)('%s has a meaning', (name) => {
    expect(new Variables().check([name])).toEqual([]);
  });

  it('make HOME_NET the private ranges and EXTERNAL_NET the rest', () => {
    const home = addresses('$HOME_NET') as AddressSet;
    expect(home.ipv4).toEqual([
      [0x0a000000, 0x0affffff],
      [0xac100000, 0xac1fffff],
      [0xc0a80000, 0xc0a8ffff],
    ]);
    expect(home.ipv6).toEqual([[0xfcn << 120n, (0xfen << 120n) - 1n]]);
    expect(addresses('$EXTERNAL_NET')).toEqual(addresses('!$HOME_NET'));
    expect(addresses('[$HOME_NET,$HTTP_SERVERS]')).toEqual(home);
  });

  it('make EXTERNAL_NET any when HOME_NET is, with a note', () => {
    expect(addresses('$EXTERNAL_NET', { HOME_NET: 'any' })).toBeUndefined();
    expect(new Variables({ HOME_NET: 'any' }).notes).toMatchObject([{ code: 'external-net-any', severity: 'hint' }]);
    expect(new Variables({ HOME_NET: 'any', EXTERNAL_NET: 'any' }).notes).toEqual([]);
    expect(new Variables().notes).toEqual([]);
  });
});

describe('what is given and not usable', () => {
  it('is reported once, used or not', () => {
    expect(
      new Variables({ A: 'x', MY_PORTS: '99999', GOOD: '1.2.3.4', PORTS: '[80,81]' })
        .check(['A', 'MY_PORTS', 'GOOD', 'PORTS'])
        .map(({ message }) => message),
    ).toEqual(["$A cannot be used: 'x' is no address", "$MY_PORTS cannot be used: '99999' is beyond port 65535"]);
  });
});

describe('lists of ports against an oracle', () => {
  type Item = {
    readonly negated: boolean;
    readonly low: number;
    readonly high: number;
    readonly items?: readonly Item[];
  };
  const leaf = fc
    .record({ negated: fc.boolean(), low: fc.nat(9), high: fc.nat(9) })
    .map(({ negated, low, high }): Item => ({ negated, low: Math.min(low, high), high: Math.max(low, high) }));
  const item = fc.letrec<{ item: Item }>((tie) => ({
    item: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc
        .record({ negated: fc.boolean(), items: fc.array(tie('item'), { minLength: 1, maxLength: 4 }) })
        .map(({ negated, items }): Item => ({ negated, low: 0, high: 0, items })),
    ),
  })).item;

  const text = ({ negated, low, high, items }: Item): string =>
    (negated ? '!' : '') + (items === undefined ? `${low}:${high}` : `[${items.map(text).join(',')}]`);

  /** Ports said and ports excluded, as Suricata reads a list, on plain sets. */
  function parts(node: Item): { said: Set<number> | undefined; excluded: Set<number> } {
    let inner: { said: Set<number> | undefined; excluded: Set<number> };
    if (node.items === undefined) {
      inner = {
        said: new Set(Array.from({ length: node.high - node.low + 1 }, (_, i) => node.low + i)),
        excluded: new Set(),
      };
    } else {
      const all = node.items.map(parts);
      const said = all.flatMap((part) => (part.said === undefined ? [] : [...part.said]));
      inner = {
        said: all.some((part) => part.said !== undefined) ? new Set(said) : undefined,
        excluded: new Set(all.flatMap((part) => [...part.excluded])),
      };
    }
    return node.negated ? { said: undefined, excluded: meaning(inner) } : inner;
  }
  function meaning({ said, excluded }: { said: Set<number> | undefined; excluded: Set<number> }): Set<number> {
    return new Set([...(said ?? Array.from({ length: 12 }, (_, i) => i))].filter((port) => !excluded.has(port)));
  }

  it('agree', () => {
    fc.assert(
      fc.property(item, (node) => {
        const diagnostics = new Diagnostics();
        const set = new Variables().ports(parsePort(text(node), diagnostics) as PortNode, diagnostics);
        const expected = meaning(parts(node));
        const actual = diagnostics.hasErrors
          ? []
          : Array.from({ length: 12 }, (_, i) => i).filter(
              (port) => set === undefined || set.some(([low, high]) => low <= port && port <= high),
            );
        expect(actual).toEqual([...expected].sort((a, b) => a - b));
      }),
      { numRuns: 1000, seed: 7 },
    );
  });
});
