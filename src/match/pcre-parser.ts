/**
 * Reads PCRE patterns. Stage: load. Reference: pcre2pattern(3), pcre2syntax(3); 8-bit library, no UTF, default tables.
 *
 * Recursive descent over the pattern's text. Flags are scoped to the group that sets them and may change within it, so each
 * group reads with a copy. Whatever cannot be given its meaning (recursion, conditions, verbs, \K, \X) is an error with the
 * offset where it begins; nothing is passed over.
 */
import { ANY_BYTE, foldedSingleton, NOT_NEWLINE, singleton, VERTICAL_SPACE, type ByteSet } from './byte-set.js';
import { readByteEscape, readClass, readSetEscape, type Cursor } from './pcre-escape.js';
import { PcreError, type Assertion, type PcreNode, type PcrePattern, type RepeatMode } from './pcre-node.js';

/** PCRE's own limits. */
const MAX_REPEAT = 65_535;
const MAX_DEPTH = 250;
const BACKSLASH = 0x5c;
const OPEN = 0x28;

interface Flags {
  i: boolean;
  s: boolean;
  m: boolean;
  x: boolean;
  xx: boolean;
  n: boolean;
  /** Greedy and lazy change places. */
  ungreedy: boolean;
  /** `$` only at the very end. */
  dollarEnd: boolean;
}

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
  readonly #references: { readonly name: string | number; readonly at: number; resolve: (group: number) => void }[] = [];

  constructor(text: string) {
    this.text = text;
  }

  parse(letters: string): PcrePattern {
    const has = (letter: string): boolean => letters.includes(letter);
    const flags: Flags = { i: has('i'), s: has('s'), m: has('m'), x: has('x'), xx: false, n: false, ungreedy: has('G'), dollarEnd: has('E') };
    if (/^\(\*[A-Z]/.test(this.text)) throw new PcreError('options at the start of a pattern (*...) are not supported', 0);
    const choice = this.#readChoice(flags);
    if (this.at < this.text.length) throw new PcreError('unmatched closing parenthesis', this.at);
    const body: PcreNode = has('A') ? { kind: 'sequence', items: [{ kind: 'assert', what: 'start' }, choice] } : choice;
    for (const reference of this.#references) this.#resolve(reference);
    return { body, groupCount: this.#groupCount, names: this.#names };
  }

  #resolve({ name, at, resolve }: { name: string | number; at: number; resolve: (group: number) => void }): void {
    const group = typeof name === 'number' ? name : this.#names.get(name);
    if (group === undefined || group < 1 || group > this.#groupCount) throw new PcreError(`there is no group '${name}' to refer to`, at);
    resolve(group);
  }

  /** Branches up to a closing parenthesis or the end. Flags set in one branch hold in those after it. */
  #readChoice(flags: Flags): PcreNode {
    if (++this.#depth > MAX_DEPTH) throw new PcreError(`groups are nested more than ${MAX_DEPTH} deep`, this.at);
    const branches = [this.#readSequence(flags)];
    while (this.text[this.at] === '|') {
      this.at++;
      branches.push(this.#readSequence(flags));
    }
    this.#depth--;
    return branches.length === 1 ? branches[0]! : { kind: 'choice', branches };
  }

  #readSequence(flags: Flags): PcreNode {
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
  #skipIgnored(flags: Flags): void {
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
  #readAtom(flags: Flags): PcreNode | undefined {
    const start = this.at;
    const letter = this.text[this.at++]!;
    if (this.#quoting) return this.#literal(letter, start, flags);
    switch (letter) {
      case '(': return this.#readGroup(start, flags);
      case '[': return { kind: 'set', set: this.#readClass(start, flags) };
      case '.': return { kind: 'set', set: flags.s ? ANY_BYTE : NOT_NEWLINE };
      case '^': return assertion(flags.m ? 'lineStart' : 'start');
      case '$': return assertion(flags.m ? 'lineEnd' : flags.dollarEnd ? 'end' : 'lastLine');
      case '\\': return this.#readEscape(start, flags);
      case '*': case '+': case '?': throw new PcreError(`there is nothing for '${letter}' to repeat`, start);
      case '{':
        if (QUANTIFIER.test(this.text.slice(start))) throw new PcreError("there is nothing for '{' to repeat", start);
        return this.#literal(letter, start, flags);
      default: return this.#literal(letter, start, flags);
    }
  }

  #literal(letter: string, start: number, flags: Flags): PcreNode {
    const code = letter.charCodeAt(0);
    if (code > 0xff) throw new PcreError('the character is not a byte: its code is above 255', start);
    return byteNode(code, flags);
  }

  #readClass(start: number, flags: Flags): ByteSet {
    if (/^\[([:.=])[^\]\\]*?\1\]/.test(this.text.slice(start))) throw new PcreError('POSIX classes can only be used within a class: [[:alpha:]]', start);
    return readClass(this, { nocase: flags.i, ignoreBlanks: flags.xx });
  }

  #readEscape(start: number, flags: Flags): PcreNode {
    const letter = this.text[this.at] ?? '';
    const asserted = ASSERTIONS[letter];
    if (asserted) {
      this.at++;
      return assertion(asserted);
    }
    if (letter === 'R' || letter === 'N' || letter === 'C') return this.#readSpecial(letter, start);
    const reference = this.#readReference(start, flags);
    if (reference) return reference;
    const byte = readByteEscape(this, true);
    if (byte !== undefined) return byteNode(byte, flags);
    const set = readSetEscape(this);
    if (set) return { kind: 'set', set };
    throw new PcreError(UNSUPPORTED[letter] ?? `\\${letter} means nothing in PCRE`, start);
  }

  #readSpecial(letter: string, start: number): PcreNode {
    this.at++;
    if (letter === 'N' && /^\{(?!\d+(,\d*)?\})/.test(this.text.slice(this.at))) throw new PcreError('\\N{...} is for characters that are not bytes', start);
    if (letter === 'N') return { kind: 'set', set: NOT_NEWLINE };
    if (letter === 'C') return { kind: 'set', set: ANY_BYTE };
    // Never CR alone where CR LF stands: \R does not go back to that.
    const crLf: PcreNode = { kind: 'sequence', items: [{ kind: 'set', set: singleton(0x0d) }, { kind: 'set', set: singleton(0x0a) }] };
    const other: PcreNode = { kind: 'sequence', items: [{ kind: 'look', behind: false, negative: true, body: crLf }, { kind: 'set', set: VERTICAL_SPACE }] };
    return { kind: 'choice', branches: [crLf, other] };
  }

  /** \1 \g1 \g{1} \g{-1} \g{name} \k{name} \k<name> \k'name'; undefined, with nothing read, for anything else. */
  #readReference(start: number, flags: Flags): PcreNode | undefined {
    if (!/[1-9gk]/.test(this.text[this.at] ?? '')) return undefined;
    const rest = this.text.slice(this.at);
    const number = /^[1-9][0-9]*/.exec(rest)?.[0];
    if (number !== undefined) {
      const group = Number(number);
      if (group >= 10 && number[0]! < '8' && group > this.#groupCount) return undefined; // octal
      this.at += number.length;
      return this.#reference(group, start, flags);
    }
    if (/^g[<']/.test(rest)) throw new PcreError('calling a group again (\\g<...>) is not supported', start);
    const match = /^g(?:([-+]?\d+)|\{([-+]?\d+)\}|\{([A-Za-z_]\w*)\})|^k(?:\{([A-Za-z_]\w*)\}|<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/.exec(rest);
    if (!match) throw new PcreError(`a group's name or number follows \\${rest[0]}`, start);
    this.at += match[0].length;
    const digits = match[1] ?? match[2];
    if (digits === undefined) return this.#reference(match.slice(3).find((name) => name !== undefined)!, start, flags);
    if (digits[0] === '-') return this.#reference(this.#groupCount + 1 + Number(digits), start, flags);
    return this.#reference(Number(digits) + (digits[0] === '+' ? this.#groupCount : 0), start, flags);
  }

  #reference(name: string | number, start: number, flags: Flags): PcreNode {
    const node = { kind: 'backreference' as const, group: 0, nocase: flags.i, at: start };
    this.#references.push({ name, at: start, resolve: (group) => { node.group = group; } });
    return node;
  }

  #readGroup(start: number, flags: Flags): PcreNode | undefined {
    const rest = this.text.slice(this.at, this.at + 64);
    if (rest.startsWith('*')) throw new PcreError('verbs and the like (*...) are not supported', start);
    if (!rest.startsWith('?')) return flags.n ? this.#readBody(start, flags) : this.#readCapture(start, flags, undefined);
    const look = /^\?(<?)([=!])/.exec(rest);
    if (look) {
      this.at += look[0].length;
      return { kind: 'look', behind: look[1] === '<', negative: look[2] === '!', body: this.#readBody(start, flags) };
    }
    if (rest.startsWith('?>')) {
      this.at += 2;
      return { kind: 'atomic', at: start, body: this.#readBody(start, flags) };
    }
    if (/^\?(P?<|')/.test(rest)) return this.#readNamed(start, flags);
    if (rest.startsWith('?P=')) return this.#readNamedReference(start, flags);
    this.#refuseGroup(rest, start);
    return this.#readFlags(start, flags);
  }

  #readNamed(start: number, flags: Flags): PcreNode {
    const match = /^\?(?:P?<([A-Za-z_]\w{0,31})>|'([A-Za-z_]\w{0,31})')/.exec(this.text.slice(this.at));
    if (!match) throw new PcreError('a name of letters, digits and underscores, at most 32, is expected in the group', start);
    this.at += match[0].length;
    return this.#readCapture(start, flags, match[1] ?? match[2]);
  }

  #readCapture(start: number, flags: Flags, name: string | undefined): PcreNode {
    const group = ++this.#groupCount;
    if (name !== undefined) {
      if (this.#names.has(name)) throw new PcreError(`two groups have the name '${name}'`, start);
      this.#names.set(name, group);
    }
    return { kind: 'capture', group, body: this.#readBody(start, flags) };
  }

  #readNamedReference(start: number, flags: Flags): PcreNode {
    const match = /^\?P=([A-Za-z_]\w*)\)/.exec(this.text.slice(this.at));
    if (!match) throw new PcreError('a name is expected after (?P=', start);
    this.at += match[0].length;
    return this.#reference(match[1]!, start, flags);
  }

  #refuseGroup(rest: string, start: number): void {
    const refusals: readonly (readonly [RegExp, string])[] = [
      [/^\?\(/, 'conditional groups (?(...) are not supported'],
      [/^\?(R|[-+]?\d|&|P>)/, 'recursion and calling a group again are not supported'],
      [/^\?\|/, 'groups that number each branch anew (?|...) are not supported'],
      [/^\?C/, 'callouts (?C...) are not supported'],
      [/^\?<?\*/, 'non-atomic lookarounds are not supported'],
    ];
    for (const [form, message] of refusals) if (form.test(rest)) throw new PcreError(message, start);
  }

  /** (?i) changes the flags of the group it stands in, (?i:...) those of its own. */
  #readFlags(start: number, flags: Flags): PcreNode | undefined {
    const match = /^\?(\^?)([imsxnU]*)(-?)([imsxnU]*)([:)])/.exec(this.text.slice(this.at));
    if (!match || (match[1] === '^' && match[3] === '-')) throw new PcreError('unknown kind of group or flag', start);
    this.at += match[0].length;
    const target = match[5] === ':' ? { ...flags } : flags;
    if (match[1] === '^') Object.assign(target, { i: false, m: false, s: false, x: false, xx: false, n: false });
    setFlags(target, match[2]!, true);
    setFlags(target, match[4]!, false);
    return match[5] === ':' ? this.#readBody(start, target) : undefined;
  }

  /** The inside of a group and its closing parenthesis. */
  #readBody(start: number, flags: Flags): PcreNode {
    const body = this.#readChoice({ ...flags });
    if (this.text[this.at] !== ')') throw new PcreError('the group is not closed: ) is missing', start);
    this.at++;
    return body;
  }

  #readRepeat(atom: PcreNode, start: number, flags: Flags): PcreNode {
    this.#skipIgnored(flags);
    if (this.#quoting || !'*+?{'.includes(this.text[this.at] ?? ' ')) return atom;
    const match = QUANTIFIER.exec(this.text.slice(this.at, this.at + 32));
    if (!match) return atom;
    if (atom.kind === 'assert') throw new PcreError(`there is nothing for '${match[0]}' to repeat`, this.at);
    const [min, max] = this.#readBounds(match);
    this.at += match[0].length;
    this.#skipIgnored(flags);
    return { kind: 'repeat', body: atom, min, max, mode: this.#readMode(flags), at: start };
  }

  #readMode(flags: Flags): RepeatMode {
    const suffix = this.#quoting ? undefined : this.text[this.at];
    if (suffix !== '+' && suffix !== '?') return flags.ungreedy ? 'lazy' : 'greedy';
    this.at++;
    if (suffix === '+') return 'possessive';
    return flags.ungreedy ? 'greedy' : 'lazy';
  }

  #readBounds(match: RegExpExecArray): [number, number] {
    if (match[0] === '*') return [0, Infinity];
    if (match[0] === '+') return [1, Infinity];
    if (match[0] === '?') return [0, 1];
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] === '' ? Infinity : Number(match[3]);
    if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Infinity)) throw new PcreError(`a count is above ${MAX_REPEAT}`, this.at);
    if (min > max) throw new PcreError('the counts are in the wrong order', this.at);
    return [min, max];
  }
}

/** What is no quantifier begins with a literal brace. */
const QUANTIFIER = /^(?:[*+?]|\{(\d+)(,(\d*))?\})/;

const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: 'start', Z: 'lastLine', z: 'end', b: 'word', B: 'notWord',
  // Where the search starts, which is where the text starts.
  G: 'start',
};

const UNSUPPORTED: Readonly<Record<string, string>> = {
  K: '\\K (the match begins here) is not supported',
  X: '\\X is for Unicode text and not supported',
};

const assertion = (what: Assertion): PcreNode => ({ kind: 'assert', what });

function byteNode(byte: number, flags: Flags): PcreNode {
  return { kind: 'set', set: flags.i ? foldedSingleton(byte) : singleton(byte) };
}

function setFlags(flags: Flags, letters: string, on: boolean): void {
  for (const letter of letters) {
    if (letter === 'U') flags.ungreedy = on;
    else flags[letter as 'i' | 'm' | 's' | 'x' | 'n'] = on;
  }
  if (letters.includes('x')) flags.xx = on && letters.includes('xx');
}

