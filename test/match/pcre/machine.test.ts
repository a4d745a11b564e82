/** Limits of the matching machine; what it matches is tested with the translation and against PCRE2. */
import { describe, expect, it } from 'vitest';
import { PcreMachine } from '../../../src/match/pcre/machine.js';
import { parsePcre } from '../../../src/match/pcre/parser.js';
import { compileProgram } from '../../../src/match/pcre/program.js';
import { createMachine } from '../../../src/match/pcre/pcre.js';
import { countSteps } from '../naive-backtracker.js';

function machine(pattern: string, flags = '', maxSteps = 100_000, plain = false): PcreMachine {
  const { body, groupCount } = parsePcre(pattern, flags);
  return new PcreMachine(compileProgram(body, groupCount, plain), maxSteps);
}

describe('the machine', () => {
  it('gives up at its limit of steps, and says so', () => {
    const slow = machine('^(a+)+$', '', 10_000);
    expect(slow.find(`${'a'.repeat(30)}!`, 0)).toBe(false);
    expect(slow.exceeded).toBe(true);
    expect(slow.steps).toBeLessThan(10_010);
  });

  it('gives up within lookarounds and atomic groups as well', () => {
    for (const pattern of ['(?=(a+)+!b)a', '(?!(a+)+!b)ac', '(?>(a+)+!b)', '(?<=(a+)+!b)a']) {
      const slow = machine(pattern, '', 5000);
      expect(slow.find(`${'a'.repeat(40)}!`, 0), pattern).toBe(false);
      expect(slow.exceeded, pattern).toBe(true);
    }
  });

  it('counts bytes that a repeat of one byte passes over in vain, greedy, lazy and possessive', () => {
    for (const pattern of ['.+?b', '.+b', '.++b', 'a.*?b', '(?:a.{0,9000}?b|c)']) {
      const slow = machine(pattern, '', 20_000);
      expect(slow.find('a'.repeat(8000), 0), pattern).toBe(false);
      expect(slow.exceeded, pattern).toBe(true);
    }
  });

  it('is as good as new after giving up, and after a match', () => {
    const one = machine('^(a+)+(b)?$', '', 10_000);
    expect(one.find(`${'a'.repeat(30)}!`, 0)).toBe(false);
    expect(one.find('aaab', 0)).toBe(true);
    expect([one.group(0), one.group(1), one.group(2)]).toEqual(['aaab', 'aaa', 'b']);
    expect(one.find('aa', 0)).toBe(true);
    expect([one.exceeded, one.group(1), one.group(2)]).toEqual([false, 'aa', undefined]);
  });

  it('does not outgrow its stack', () => {
    const deep = machine('(?:a|b)*c', '', 1e9);
    expect(deep.find('ab'.repeat(3_000_000), 0)).toBe(false);
    expect(deep.exceeded).toBe(true);
  });

  it('looks for a match from a place on, seeing what is before', () => {
    const from = machine(String.raw`(?<=a)b|^a`);
    expect(from.find('abab', 2)).toBe(true);
    expect([from.matchStart, from.matchEnd]).toEqual([3, 4]);
    expect(from.find('abab', 4)).toBe(false);
  });

  it('passes over what is no start of a line, where a match begins with one', () => {
    const lines = machine('^[^\n]*x|^y', 'm');
    expect(lines.find('aaax\ny', 1)).toBe(true);
    expect(lines.matchStart).toBe(5);
    expect([lines.find('a\n', 1), lines.find('x', 1), lines.find('', 0)]).toEqual([false, false, false]);
    expect(machine('^', 'm').find('a\n', 1)).toBe(false);
    expect(lines.find('a'.repeat(40_000), 1)).toBe(false);
    expect(lines.steps).toBeLessThan(6000);
  });

  it('takes about as many steps as the plainest matcher', () => {
    for (const [pattern, text] of [
      ['^(?:a+b?)*c', 'a'.repeat(14)],
      ['a.*b.*c', 'ab'.repeat(30)],
      [String.raw`(\w+)\s\1`, 'word word2 '.repeat(5)],
    ] as const) {
      const counted = machine(pattern, 's', 1e7, true);
      counted.find(text, 0);
      const { steps } = countSteps(parsePcre(pattern, 's').body, text, 1e7);
      expect(counted.steps / steps).toBeGreaterThan(0.2);
      expect(counted.steps / steps).toBeLessThan(5);
    }
  });
});

it('is what rules with patterns beyond JavaScript run in', () => {
  const mixed = createMachine(
    String.raw`(?=(?-i)[a-z0-9]*?[A-Z])(?=(?-i)[A-Z0-9]*?[a-z])(?P<name>[a-z0-9]+)\.php\s.+?Host\x3a\x20(?P=name)\.`,
    'pcre:smi',
  );
  expect(mixed.find('/aB1.php \r\nHost: Ab1.example', 0)).toBe(true);
  expect(mixed.find('/ab1.php \r\nHost: ab1.example', 0)).toBe(false);
  expect(mixed.find('/aB1.php \r\nHost: aB2.example', 0)).toBe(false);
});
