/** What looks like chance and is the same for the same seed: numbers, names, steps of rules. */
import type { Conversation } from '../../support/conversation.js';

/** A conversation whose host is yet to be said. */
export type Talk = Omit<Conversation, 'host'>;

/** Numbers that look like chance, the same for the same seed. */
export class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 2_654_435_761) >>> 0;
  }

  /** Below `limit`. */
  below(limit: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }

  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  often(percent: number): boolean {
    return this.below(100) < percent;
  }

  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}

export const LABELS = ['a', 'www', 'Mail', 'example', 'com', 'ORG', 'x-1', 'evil', 'login', 'update', 'cdn'];
export function nameOf(chance: Chance): string {
  return [chance.one(LABELS), ...chance.some(2, () => chance.one(LABELS)), chance.one(['com', 'example', 'ORG'])].join(
    '.',
  );
}

/** A content, of a part of what may be there. */
export function contentOf(chance: Chance, whole: string): string {
  const from = chance.often(50) ? 0 : chance.below(whole.length);
  const text = whole.slice(from, from + 1 + chance.below(whole.length));
  const not = chance.often(15) ? '!' : '';
  const more = [chance.often(50) ? ' nocase;' : ''];
  const places = [
    ' startswith;',
    ' endswith;',
    ` offset:${chance.below(4)};`,
    ` depth:${text.length + chance.below(6)};`,
  ];
  if (chance.often(40)) more.push(chance.one(places));
  return `content:${not}"${text}";${more.join('')}`;
}

export function stepsOf(chance: Chance, whole: string): string {
  const steps = [contentOf(chance, whole)];
  if (chance.often(20)) steps.push(contentOf(chance, chance.one(LABELS)));
  // Suricata refuses sizes that leave no room for the content.
  if (chance.often(15)) steps.push(`bsize:${chance.one(['>', '<', ''])}${whole.length + 1 + chance.below(9)};`);
  if (chance.often(10)) steps.push(`pcre:"/${chance.one(['^[a-z]+\\.', 'evil|login', '\\.com$', '[A-Z]{2}'])}/";`);
  return steps.join(' ');
}

export const directionOf = (chance: Chance): string => chance.one(['', '', 'flow:to_server; ', 'flow:to_client; ']);
