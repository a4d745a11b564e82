/**
 * What becomes of back references. Stage: load.
 *
 * JavaScript differs from PCRE in three ways: a reference to a group that took no part takes nothing instead of
 * failing, groups within a repeat are forgotten at each round, and case is ignored for all of an expression or for
 * nothing. Each reference gets the form in which it means the same; a pattern with one that has none is not
 * JavaScript's.
 */
import { areDisjoint, setWhere, type ByteSet } from './byte-set.js';
import { takesSomething } from './measure.js';
import { childrenOf, PcreError, someNode, type PcreNode } from './node.js';

/**
 * How a reference is printed. One to a group that took no part fails in PCRE and takes nothing in JavaScript: where the
 * group may have taken no part, it is `guarded`.
 */
export type ReferenceForm = 'plain' | 'guarded' | 'failing';

export interface References {
  /** Of those that are not plain. */
  readonly forms: ReadonlyMap<PcreNode, ReferenceForm>;
  /** The whole expression must ignore case, and may. */
  readonly nocase: boolean;
}

const NO_REFERENCES: References = { forms: new Map(), nocase: false };

/** Decides about all references of a pattern; throws PcreError for one that cannot be given its meaning. */
export function analyseReferences(body: PcreNode): References {
  if (!someNode(body, (node) => node.kind === 'backreference')) return NO_REFERENCES;
  const bodies = groupBodies(body);
  const check = new ReferenceCheck(bodies);
  check.walk(body, { certain: new Set(), possible: new Set() }, false);
  return { forms: check.forms, nocase: needsFlagI(body, bodies) };
}

/** The groups of a pattern by number, and whether a group is within a repeat, by which it can match more than once. */
type GroupBodies = Map<number, { readonly body: PcreNode; readonly repeated: boolean }>;

function groupBodies(node: PcreNode, bodies: GroupBodies = new Map(), repeated = false): GroupBodies {
  if (node.kind === 'capture') bodies.set(node.group, { body: node.body, repeated });
  for (const child of childrenOf(node))
    groupBodies(child, bodies, repeated || (node.kind === 'repeat' && node.max > 1));
  return bodies;
}

/** Groups of which it is certain, or at least possible, that they have matched before a place in the pattern. */
interface Matched {
  readonly certain: Set<number>;
  readonly possible: Set<number>;
}

const copyOf = ({ certain, possible }: Matched): Matched => ({
  certain: new Set(certain),
  possible: new Set(possible),
});

class ReferenceCheck {
  readonly forms = new Map<PcreNode, ReferenceForm>();
  readonly #bodies: GroupBodies;

  constructor(bodies: GroupBodies) {
    this.#bodies = bodies;
  }

  /** Goes through a node in the order of matching; `before` becomes what holds after it. */
  walk(node: PcreNode, before: Matched, behind: boolean): void {
    switch (node.kind) {
      case 'backreference':
        this.#reference(node, before, behind);
        return;
      case 'choice':
        this.#choice(node.branches, before, behind);
        return;
      case 'repeat':
        this.#repeat(node, before, behind);
        return;
      case 'look':
        this.walk(node.body, node.negative ? copyOf(before) : before, behind || node.behind);
        return;
      default:
        for (const child of childrenOf(node)) this.walk(child, before, behind);
        if (node.kind !== 'capture') return;
        before.certain.add(node.group);
        before.possible.add(node.group);
    }
  }

  #choice(branches: readonly PcreNode[], before: Matched, behind: boolean): void {
    const afters = branches.map((branch) => {
      const after = copyOf(before);
      this.walk(branch, after, behind);
      return after;
    });
    for (const group of afters[0]!.certain)
      if (afters.every(({ certain }) => certain.has(group))) before.certain.add(group);
    for (const { possible } of afters) for (const group of possible) before.possible.add(group);
  }

  #repeat(node: PcreNode & { kind: 'repeat' }, before: Matched, behind: boolean): void {
    const { body, min, max } = node;
    // Whether an optional reference fails or takes nothing, the result is nothing.
    if (
      min === 0 &&
      body.kind === 'backreference' &&
      before.possible.has(body.group) &&
      !this.#bodies.get(body.group)!.repeated
    )
      return;
    if (max > 1) for (const group of groupBodies(body).keys()) before.possible.add(group);
    this.walk(body, min > 0 ? before : { certain: new Set(before.certain), possible: before.possible }, behind);
  }

  #reference(node: PcreNode & { kind: 'backreference' }, { certain, possible }: Matched, behind: boolean): void {
    const { group, at } = node;
    const { body, repeated } = this.#bodies.get(group)!;
    const sure = takesSomething(body);
    if (behind) throw new PcreError('back references are not supported within a lookbehind', at);
    // After a round of a repeat that takes nothing, a group is empty in PCRE; JavaScript undoes that round.
    if (repeated && !sure)
      throw new PcreError(`group ${group} is repeated and may match nothing; such a reference is not supported`, at);
    if (certain.has(group)) return;
    if (possible.has(group) && (repeated || !sure))
      throw new PcreError(`group ${group} need not have matched anything here; such a reference is not supported`, at);
    this.forms.set(node, possible.has(group) ? 'guarded' : 'failing');
  }
}

/**
 * A reference that ignores case needs flag i, unless the group holds no letters. It makes all else ignore case as well,
 * and letters above 0x7F too, so all else must not mind.
 */
function needsFlagI(body: PcreNode, bodies: GroupBodies): boolean {
  const hasLetters = (group: number): boolean =>
    someNode(
      bodies.get(group)!.body,
      (node) => node.kind === 'backreference' || (node.kind === 'set' && !areDisjoint(node.set, LETTERS)),
    );
  let culprit = -1;
  someNode(body, (node) => {
    if (node.kind === 'backreference' && node.nocase && hasLetters(node.group)) culprit = node.at;
    return culprit >= 0;
  });
  if (culprit < 0) return false;
  const minds = someNode(
    body,
    (node) =>
      (node.kind === 'set' && !isClosed(node.set)) ||
      (node.kind === 'backreference' && !node.nocase && hasLetters(node.group)),
  );
  if (minds)
    throw new PcreError(
      'a reference that ignores case is supported only where the whole pattern ignores case, and has no single letters above 0x7f',
      culprit,
    );
  return true;
}

const LETTERS = setWhere((byte) => otherCase(byte) !== byte);

function otherCase(byte: number): number {
  const isAscii = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  const isHigh = byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7 && byte !== 0xdf && byte !== 0xff;
  return isAscii || isHigh ? byte ^ 0x20 : byte;
}

const OTHER_CASE = Uint8Array.from({ length: 256 }, (_, byte) => otherCase(byte));

function isClosed(set: ByteSet): boolean {
  for (let byte = 0x41; byte < 256; byte++) if (set[OTHER_CASE[byte]!] !== set[byte]) return false;
  return true;
}
