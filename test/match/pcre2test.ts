/**
 * PCRE2 itself, by way of its test program (Debian: pcre2-utils), as the reference for matches. All cases of a call go
 * through one process.
 */
import { execFileSync, spawnSync } from 'node:child_process';

export interface Subject {
  readonly pattern: string;
  /** Among i s m x A E G. */
  readonly flags: string;
  readonly subject: string;
}

/**
 * The match and its groups, undefined for those that took no part; null for no match; 'refused' where PCRE2 does not
 * take the pattern or gives up.
 */
export type Pcre2Result = readonly (string | undefined)[] | null | 'refused';

export const hasPcre2test = spawnSync('pcre2test', ['-C'], { encoding: 'utf8' }).status === 0;

const FLAGS: Readonly<Record<string, string>> = {
  i: 'caseless',
  s: 'dotall',
  m: 'multiline',
  x: 'extended',
  A: 'anchored',
  E: 'dollar_endonly',
  G: 'ungreedy',
};
const hex = (text: string, before: string): string =>
  [...text].map((letter) => `${before}${letter.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');

/** As pcre2test prints a text in the C locale. */
const shown = (text: string): string =>
  text.replace(/[^ -~]/g, (letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`);

export function runPcre2(cases: readonly Subject[]): Pcre2Result[] {
  const input = cases
    .map(({ pattern, flags, subject }) => {
      // Its shortcuts to where a match may start are not always right.
      const modifiers = [
        'hex',
        'no_start_optimize',
        ...[...flags].map((flag) => FLAGS[flag]).filter((name) => name !== undefined),
      ];
      // An empty pattern cannot be written in hexadecimal.
      return `/${hex(pattern === '' ? '(?:)' : pattern, ' ')}/${modifiers.join(',')}\n${hex(subject, '\\x') || '\\'}\n`;
    })
    .join('\n');
  const output = execFileSync('pcre2test', ['-q', '-'], {
    input,
    encoding: 'latin1',
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 1 << 28,
  });
  const blocks = output.split(/^\/(?= |[0-9a-f ]*\/hex)/m).slice(1);
  if (blocks.length !== cases.length) throw new Error(`pcre2test answered ${blocks.length} of ${cases.length}`);
  return blocks.map((block, i) => readBlock(block, cases[i]!.subject));
}

function readBlock(block: string, subject: string): Pcre2Result {
  if (/^No match/m.test(block)) return null;
  const lines = [...block.matchAll(/^ ?(\d+): (.*)$/gm)];
  if (lines.length === 0) return 'refused';
  return lines.map(([, , text]) => (text === '<unset>' ? undefined : decoded(text!, subject)));
}

/** Where the subject itself has a backslash and an x, what was printed is found in it. */
function decoded(text: string, subject: string): string {
  const plain = text.replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  if (shown(plain) === text && subject.includes(plain)) return plain;
  for (let start = 0; start <= subject.length; start++) {
    for (let end = start; end <= subject.length; end++)
      if (shown(subject.slice(start, end)) === text) return subject.slice(start, end);
  }
  throw new Error(`pcre2test printed ${text}`);
}
