/**
 * What rules ask of a flow's application, beside a naive reading of the test; and when a rule about nothing else is
 * tried.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applicationBits, applicationId, APPLICATIONS, type ApplicationName } from '../../../src/app/applications.js';
import { RULE, RULE_WORDS } from '../../../src/block/rule-block.js';
import { APPLICATION_SIDES, type ApplicationSide } from '../../../src/block/terms.js';
import { packFieldTests } from '../../../src/compile/pack-tests.js';
import { applicationHolds, applicationTestPasses } from '../../../src/detect/candidates/application-test.js';
import { DIRECTION, Flow, type Direction } from '../../../src/flow/flow.js';
import {
  changeApplication,
  noteAlone,
  setApplication,
  settleSide,
  spokenApplication,
  spokenBySide,
  takeTold,
} from '../../../src/flow/flow-application.js';
import { COLUMN } from '../../../src/flow/record.js';
import { KEY_WORD } from '../../../src/flow/tuple.js';

const { toServer, toClient } = DIRECTION;
type Name = ApplicationName | '';
interface Told {
  readonly flow: Name;
  readonly server: Name;
  readonly client: Name;
  readonly original: Name;
  /** Rules have taken note of both sides, or of clients alone. */
  readonly areTaken?: boolean;
  /** What it was to change to. */
  readonly expected?: Name;
  readonly isAlone?: boolean;
}

const id = (name: Name): number => (name === '' ? 0 : applicationId(name));
const NAMES: readonly ApplicationName[] = APPLICATIONS.map(({ name }) => name);
const name = fc.constantFrom<Name>('', 'http', 'http2', 'tls', 'failed', 'socks', 'redis', 'snmp');

function flowOf({ flow: spoken, server, client, original, areTaken, expected = '', isAlone }: Told): Flow {
  const flow = new Flow();
  flow.words[64 + COLUMN.key + KEY_WORD.protocol] = 6;
  setApplication(flow, id(original));
  if (original !== '') changeApplication(flow, id(expected));
  if (isAlone === true) noteAlone(flow);
  setApplication(flow, id(spoken));
  if (server !== '') settleSide(flow, toServer, id(server));
  if (client !== '') settleSide(flow, toClient, id(client));
  if (areTaken !== undefined) takeTold(flow, toServer);
  if (areTaken === true) takeTold(flow, toClient);
  return flow;
}

/** Until a flow tells what it changed to, it speaks what it spoke. */
function lasting(told: Told): Told {
  if (told.flow !== '') return told;
  const { original } = told;
  return { flow: original, server: told.server || original, client: told.client || original, original };
}

type OfIdentification = 'differ' | 'one_known' | 'alone' | 'not_expected';

function naive(
  names: readonly (ApplicationName | 'unknown')[],
  side: ApplicationSide,
  negated: boolean,
  state: Told,
  direction: Direction,
): boolean {
  const told = lasting(state);
  const own = direction === toServer ? told.server : told.client;
  const sides: readonly Name[] = [told.server, told.client];
  if (side === 'differ' || side === 'one_known') {
    const areTold = state.server !== '' && state.client !== '' && state.areTaken === true;
    const isOne = sides.some((each) => each !== '' && names.includes(each));
    return areTold && told.server !== told.client && isOne === (side === 'one_known');
  }
  if (side === 'alone' || side === 'not_expected') {
    const isOneTaken = (state.server !== '') !== (state.client !== '' && state.areTaken === true);
    if (!isOneTaken || state.flow === '') return false;
    if (side === 'alone') return state.isAlone === true && names.includes(state.flow);
    const { original, expected = '', flow } = state;
    return original !== '' && expected !== '' && expected !== flow && names.includes(expected);
  }
  const asked: Record<Exclude<ApplicationSide, OfIdentification>, readonly Name[]> = {
    own: [own],
    to_server: [told.server],
    to_client: [told.client],
    either: [told.server, told.client],
    final: [told.flow],
    original: [told.original],
  };
  if (side === 'original' && told.original === '') return false;
  const among = asked[side].some((each) => names.includes(each === '' ? 'unknown' : each));
  return negated ? !among && asked[side].some((each) => each !== '') : among;
}

describe('app-layer-protocol', () => {
  it('passes as it reads', () => {
    const names = fc.uniqueArray(
      fc.constantFrom<ApplicationName | 'unknown'>('http', 'http2', 'tls', 'failed', 'socks', 'redis', 'unknown'),
      { minLength: 1, maxLength: 3 },
    );
    const told = fc.record({
      flow: name,
      server: name,
      client: name,
      original: name,
      areTaken: fc.boolean(),
      expected: name,
      isAlone: fc.boolean(),
    });
    fc.assert(
      fc.property(
        names,
        fc.constantFrom(...APPLICATION_SIDES),
        fc.boolean(),
        told,
        fc.constantFrom(toServer, toClient),
        (applications, side, negated, what, direction) => {
          const code = Int32Array.from([
            0,
            ...packFieldTests([{ kind: 'application', applications, side, negated }], () => 0),
          ]);
          expect(applicationTestPasses(code, 1, flowOf(what), direction)).toBe(
            naive(applications, side, negated, what, direction),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('never passes without a flow', () => {
    const code = Int32Array.from(
      packFieldTests([{ kind: 'application', applications: ['http'], side: 'own', negated: true }], () => 0),
    );
    expect(applicationTestPasses(code, 0, null, toServer)).toBe(false);
  });
});

describe('an application in a header', () => {
  const words = new Int32Array(2 * RULE_WORDS);

  it('is that of the flow, whichever side told it, in both directions', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 }),
        fc.constantFrom<Name>('', ...NAMES),
        (asked, spoken) => {
          [words[RULE_WORDS + RULE.applications], words[RULE_WORDS + RULE.moreApplications]] = applicationBits(asked);
          const flow = flowOf({ flow: spoken, server: 'failed', client: '', original: '' });
          expect(applicationHolds(words, RULE_WORDS, flow)).toBe(spoken !== '' && asked.includes(spoken));
          expect(applicationHolds(words, RULE_WORDS, null)).toBe(false);
        },
      ),
    );
  });

  it('is not asked for by most rules', () => {
    expect([applicationHolds(words, 0, null), applicationHolds(words, 0, new Flow())]).toEqual([true, true]);
  });
});

describe('a flow that was told to change (STARTTLS)', () => {
  it('speaks what it spoke until its next bytes tell', () => {
    const flow = flowOf({ flow: 'smtp', server: 'smtp', client: 'smtp', original: '' });
    changeApplication(flow, id('tls'));
    expect([spokenApplication(flow), spokenBySide(flow, toServer), spokenBySide(flow, toClient)]).toEqual([
      id('smtp'),
      id('smtp'),
      id('smtp'),
    ]);
    setApplication(flow, id('tls'));
    settleSide(flow, toServer, id('tls'));
    expect([spokenApplication(flow), spokenBySide(flow, toServer), spokenBySide(flow, toClient)]).toEqual([
      id('tls'),
      id('tls'),
      0,
    ]);
  });
});

describe('a rule that asks for the application alone', () => {
  it('is tried once per direction, and again behind a change', () => {
    const flow = flowOf({ flow: 'smtp', server: 'smtp', client: '', original: '' });
    const tries = (): readonly boolean[] => [
      takeTold(flow, toServer),
      takeTold(flow, toServer),
      takeTold(flow, toClient),
    ];
    expect(tries()).toEqual([true, false, false]);
    settleSide(flow, toClient, id('smtp'));
    expect([takeTold(flow, toClient), takeTold(flow, toClient)]).toEqual([true, false]);
    changeApplication(flow, id('tls'));
    expect(tries()).toEqual([false, false, false]);
    settleSide(flow, toServer, id('tls'));
    expect(tries()).toEqual([true, false, false]);
  });

  it('is tried once per direction over datagrams, too', () => {
    const flow = flowOf({ flow: 'dns', server: 'dns', client: '', original: '' });
    flow.words[64 + COLUMN.key + KEY_WORD.protocol] = 17;
    const tries = (): boolean[] => [
      takeTold(flow, toServer),
      takeTold(flow, toServer),
      takeTold(flow, toClient),
      takeTold(flow, toClient),
    ];
    expect(tries()).toEqual([true, false, false, false]);
    settleSide(flow, toClient, id('dns'));
    expect(tries()).toEqual([false, false, true, false]);
  });
});
