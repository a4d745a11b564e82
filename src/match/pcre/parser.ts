/**
 * Reads PCRE patterns. Stage: load. Reference: pcre2pattern(3), pcre2syntax(3); 8-bit library, no UTF, default tables.
 *
 * Recursive descent over the pattern's text. Flags are scoped to the group that sets them and may change within it, so
 * each group reads with a copy. Whatever cannot be given its meaning (recursion, conditions, verbs, \K, \X) is an error
 * with the offset where it begins; nothing is passed over.
 */
import { ANY_BYTE, foldedSingleton, NOT_NEWLINE, singleton, VERTICAL_SPACE, type ByteSet } from './byte-set.js';
import { POSIX_CLASS, POSIX_LENGTH, readByteEscape, readClass, readSetEscape, type Cursor } from './escape.js';
import { flagsOf, readFlagGroup, type PcreFlags } from './flags.js';
import { PcreError, type Assertion, type PcreNode, type PcrePattern, type RepeatMode } from './node.js';
import { peekQuantifier, readBounds } from './quantifier.js';
import { readReferenceEscape, readReferenceGroup } from './reference-syntax.js';

/** PCRE's own limit. */
const MAX_DEPTH = 250;
const BACKSLASH = 0x5c;
const OPEN = 0x28;

/** Parses with the letters of `flags` (i s m x A E G) set at the start. Throws PcreError. */
export function parsePcre(text: string, flags: string): PcrePattern {
  return new PcreParser(text).parse(flags);
}

class PcreParser implements Cursor {
  readonly text: string;
  at = 0;
  #groupCount = 0;
  #depth = 0;
  #quoting = false;
  readonly #names = new Map<string, number>();
  /** Back references by name or to groups further on, to be checked when all groups are known. */
  readonly #references: { readonly name: string | number; readonly at: number; resolve: (group: number) => void }[] =
    [];

  constructor(text: string) {
    this.text = text;
  }

  parse(letters: string): PcrePattern {
    if (/^\(\*[A-Z]/.test(this.text))
      throw new PcreError('options at the start of a pattern (*...) are not supported', 0);
    const choice = this.#readChoice(flagsOf(letters));
    if (this.at < this.text.length) throw new PcreError('unmatched closing parenthesis', this.at);
    const body: PcreNode = letters.includes('A')
      ? { kind: 'sequence', items: [{ kind: 'assert', what: 'start', at: 0, end: 0 }, choice] }
      : choice;
    for (const reference of this.#references) this.#resolve(reference);
    return { body, groupCount: this.#groupCount, names: this.#names };
  }

  #resolve({ name, at, resolve }: { name: string | number; at: number; resolve: (group: number) => void }): void {
    const group = typeof name === 'number' ? name : this.#names.get(name);
    if (group === undefined || group < 1 || group > this.#groupCount)
      throw new PcreError(`there is no group '${name}' to refer to`, at);
    resolve(group);
  }

  /** Branches up to a closing parenthesis or the end. Flags set in one branch hold in those after it. */
  #readChoice(flags: PcreFlags): PcreNode {
    if (++this.#depth > MAX_DEPTH) throw new PcreError(`groups are nested more than ${MAX_DEPTH} deep`, this.at);
    const branches = [this.#readSequence(flags)];
    while (this.text[this.at] === '|') {
      this.at++;
      branches.push(this.#readSequence(flags));
    }
    this.#depth--;
    return branches.length === 1 ? branches[0]! : { kind: 'choice', branches };
  }

  #readSequence(flags: PcreFlags): PcreNode {
    const items: PcreNode[] = [];
    for (;;) {
      this.#skipIgnored(flags);
      const letter = this.text[this.at];
      if (letter === undefined || (!this.#quoting && (letter === '|' || letter === ')'))) break;
      const start = this.at;
      const atom = this.#readAtom(flags);
      if (atom) items.push(this.#readRepeat(atom, start, flags));
    }
    return items.length === 1 ? items[0]! : { kind: 'sequence', items };
  }

  /** Comments, what stands between \Q and \E as such, and with flag x white space. */
  #skipIgnored(flags: PcreFlags): void {
    for (;;) {
      const letter = this.text.charCodeAt(this.at);
      if (letter !== BACKSLASH && (this.#quoting || (letter !== OPEN && !flags.x))) return;
      if (this.text.startsWith('\\E', this.at)) {
        this.#quoting = false;
        this.at += 2;
      } else if (this.#quoting) {
        return;
      } else if (this.text.startsWith('\\Q', this.at)) {
        this.#quoting = true;
        this.at += 2;
      } else if (this.text.startsWith('(?#', this.at)) {
        const end = this.text.indexOf(')', this.at);
        if (end < 0) throw new PcreError('the comment is not closed', this.at);
        this.at = end + 1;
      } else if (flags.x && /[\t-\r ]/.test(this.text[this.at] ?? '')) {
        this.at++;
      } else if (flags.x && this.text[this.at] === '#') {
        const end = this.text.indexOf('\n', this.at);
        this.at = end < 0 ? this.text.length : end + 1;
      } else {
        return;
      }
    }
  }

  /** Undefined for what is only a setting. */
  #readAtom(flags: PcreFlags): PcreNode | undefined {
    const start = this.at;
    const letter = this.text[this.at++]!;
    if (this.#quoting) return this.#literal(letter, start, flags);
    switch (letter) {
      case '(':
        return this.#readGroup(start, flags);
      case '[':
        return { kind: 'set', set: this.#readClass(start, flags) };
      case '.':
        return { kind: 'set', set: flags.s ? ANY_BYTE : NOT_NEWLINE };
      case '^':
        return this.#assertion(flags.m ? 'lineStart' : 'start', start);
      case '$':
        return this.#assertion(flags.m ? 'lineEnd' : flags.dollarEnd ? 'end' : 'lastLine', start);
      case '\\':
        return this.#readEscape(start, flags);
      case '*':
      case '+':
      case '?':
        throw new PcreError(`there is nothing for '${letter}' to repeat`, start);
      case '{':
        if (peekQuantifier({ text: this.text, at: start }) !== '')
          throw new PcreError("there is nothing for '{' to repeat", start);
        return this.#literal(letter, start, flags);
      default:
        return this.#literal(letter, start, flags);
    }
  }

  #assertion(what: Assertion, start: number): PcreNode {
    return { kind: 'assert', what, at: start, end: this.at };
  }

  #literal(letter: string, start: number, flags: PcreFlags): PcreNode {
    const code = letter.charCodeAt(0);
    if (code > 0xff) throw new PcreError('the character is not a byte: its code is above 255', start);
    return byteNode(code, flags);
  }

  #readClass(start: number, flags: PcreFlags): ByteSet {
    if (POSIX_CLASS.test(this.text.slice(start, start + POSIX_LENGTH)))
      throw new PcreError('POSIX classes can only be used within a class: [[:alpha:]]', start);
    return readClass(this, { nocase: flags.i, ignoreBlanks: flags.xx });
  }

  #readEscape(start: number, flags: PcreFlags): PcreNode {
    const letter = this.text[this.at] ?? '';
    const asserted = ASSERTIONS[letter];
    if (asserted) {
      this.at++;
      return this.#assertion(asserted, start);
    }
    if (letter === 'R' || letter === 'N' || letter === 'C') return this.#readSpecial(letter, start);
    const name = readReferenceEscape(this, this.#groupCount);
    if (name !== undefined) return this.#reference(name, start, flags);
    const byte = readByteEscape(this);
    if (byte !== undefined) return byteNode(byte, flags);
    const set = readSetEscape(this);
    if (set) return { kind: 'set', set };
    throw new PcreError(UNSUPPORTED[letter] ?? `\\${letter} means nothing in PCRE`, start);
  }

  #readSpecial(letter: string, start: number): PcreNode {
    this.at++;
    if (letter === 'N' && /^\{(?!\d+(,\d*)?\})/.test(this.text.slice(this.at)))
      throw new PcreError('\\N{...} is for characters that are not bytes', start);
    if (letter === 'N') return { kind: 'set', set: NOT_NEWLINE };
    if (letter === 'C') return { kind: 'set', set: ANY_BYTE };
    // Never CR alone where CR LF stands: \R does not go back to that.
    const crLf: PcreNode = {
      kind: 'sequence',
      items: [
        { kind: 'set', set: singleton(0x0d) },
        { kind: 'set', set: singleton(0x0a) },
      ],
    };
    const other: PcreNode = {
      kind: 'sequence',
      items: [
        { kind: 'look', behind: false, negative: true, body: crLf, at: start, end: this.at },
        { kind: 'set', set: VERTICAL_SPACE },
      ],
    };
    return { kind: 'choice', branches: [crLf, other] };
  }

  #reference(name: string | number, start: number, flags: PcreFlags): PcreNode {
    const node = { kind: 'backreference' as const, group: 0, nocase: flags.i, at: start, end: this.at };
    this.#references.push({
      name,
      at: start,
      resolve: (group) => {
        node.group = group;
      },
    });
    return node;
  }

  #readGroup(start: number, flags: PcreFlags): PcreNode | undefined {
    const rest = this.text.slice(this.at, this.at + 64);
    if (rest.startsWith('*')) throw new PcreError('verbs and the like (*...) are not supported', start);
    if (!rest.startsWith('?'))
      return flags.n ? this.#readBody(start, flags) : this.#readCapture(start, flags, undefined);
    const look = /^\?(<?)([=!])/.exec(rest);
    if (look) {
      this.at += look[0].length;
      const body = this.#readBody(start, flags);
      return { kind: 'look', behind: look[1] === '<', negative: look[2] === '!', body, at: start, end: this.at };
    }
    if (rest.startsWith('?>')) {
      this.at += 2;
      const body = this.#readBody(start, flags);
      return { kind: 'atomic', body, at: start, end: this.at };
    }
    if (/^\?(P?<|')/.test(rest)) return this.#readNamed(start, flags);
    if (rest.startsWith('?P=')) return this.#reference(readReferenceGroup(this, start), start, flags);
    refuseGroup(rest, start);
    const own = readFlagGroup(this, start, flags);
    return own && this.#readBody(start, own);
  }

  #readNamed(start: number, flags: PcreFlags): PcreNode {
    const match = /^\?(?:P?<([A-Za-z_]\w{0,31})>|'([A-Za-z_]\w{0,31})')/.exec(this.text.slice(this.at));
    if (!match)
      throw new PcreError('a name of letters, digits and underscores, at most 32, is expected in the group', start);
    this.at += match[0].length;
    return this.#readCapture(start, flags, match[1] ?? match[2]);
  }

  #readCapture(start: number, flags: PcreFlags, name: string | undefined): PcreNode {
    const group = ++this.#groupCount;
    if (name !== undefined) {
      if (this.#names.has(name)) throw new PcreError(`two groups have the name '${name}'`, start);
      this.#names.set(name, group);
    }
    return { kind: 'capture', group, body: this.#readBody(start, flags) };
  }

  /** The inside of a group and its closing parenthesis. */
  #readBody(start: number, flags: PcreFlags): PcreNode {
    const body = this.#readChoice({ ...flags });
    if (this.text[this.at] !== ')') throw new PcreError('the group is not closed: ) is missing', start);
    this.at++;
    return body;
  }

  #readRepeat(atom: PcreNode, start: number, flags: PcreFlags): PcreNode {
    this.#skipIgnored(flags);
    if (this.#quoting || !'*+?{'.includes(this.text[this.at] ?? ' ')) return atom;
    const quantifier = peekQuantifier(this);
    if (atom.kind === 'assert' && quantifier !== '' && this.text[start] !== '(')
      throw new PcreError(`there is nothing for '${quantifier}' to repeat`, this.at);
    const bounds = readBounds(this);
    if (bounds === undefined) return atom;
    const end = this.at;
    this.#skipIgnored(flags);
    const mode = this.#readMode(flags);
    return {
      kind: 'repeat',
      body: atom,
      min: bounds[0],
      max: bounds[1],
      mode,
      at: start,
      end: mode === 'possessive' ? this.at : end,
    };
  }

  #readMode(flags: PcreFlags): RepeatMode {
    const suffix = this.#quoting ? undefined : this.text[this.at];
    if (suffix !== '+' && suffix !== '?') return flags.ungreedy ? 'lazy' : 'greedy';
    this.at++;
    if (suffix === '+') return 'possessive';
    return flags.ungreedy ? 'greedy' : 'lazy';
  }
}

const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: 'start',
  Z: 'lastLine',
  z: 'end',
  b: 'word',
  B: 'notWord',
  // Where the search starts, which is where the text starts.
  G: 'start',
};

const UNSUPPORTED: Readonly<Record<string, string>> = {
  K: '\\K (the match begins here) is not supported',
  X: '\\X is for Unicode text and not supported',
};

function byteNode(byte: number, flags: PcreFlags): PcreNode {
  return { kind: 'set', set: flags.i ? foldedSingleton(byte) : singleton(byte) };
}

const REFUSED_GROUPS: readonly (readonly [RegExp, string])[] = [
  [/^\?\(/, 'conditional groups (?(...) are not supported'],
  [/^\?(R|[-+]?\d|&|P>)/, 'recursion and calling a group again are not supported'],
  [/^\?\|/, 'groups that number each branch anew (?|...) are not supported'],
  [/^\?C/, 'callouts (?C...) are not supported'],
  [/^\?<?\*/, 'non-atomic lookarounds are not supported'],
];

function refuseGroup(rest: string, start: number): void {
  for (const [form, message] of REFUSED_GROUPS) if (form.test(rest)) throw new PcreError(message, start);
}
