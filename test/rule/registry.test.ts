import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OptionNode } from '../../src/rule/ast.js';
import { Diagnostics } from '../../src/rule/diagnostics/diagnostic.js';
import { editDistance, nearest } from '../../src/util/nearest.js';
import { findOption, nearestOption, OPTIONS } from '../../src/rule/options/registry.js';
import { parseRule } from '../../src/rule/parse/parser.js';
import { compileRule } from '../../src/rule/compile/compile-rule.js';
import { Variables } from '../../src/rule/compile/variables.js';
import { waitingProtocol } from '../../src/rule/compile/waiting.js';

function firstOption(text: string): OptionNode {
  return parseRule(`alert ip any any -> any any (${text})`, new Diagnostics())!.options[0]!;
}

describe('the registry', () => {
  it('finds keywords in any case and by any name', () => {
    expect(findOption('content')?.name).toBe('content');
    expect(findOption('CONTENT')?.name).toBe('content');
    expect(findOption('frobnicate')).toBeUndefined();
    expect(findOption('constructor')).toBeUndefined();
  });

  it.each(OPTIONS.map((option) => [option.name, option] as const))('documents %s', (_name, { doc }) => {
    expect(doc.summary).toMatch(/\.$/);
    expect(doc.syntax).not.toBe('');
    expect(doc.example).not.toBe('');
  });
});

describe('meta options', () => {
  it.each([
    'msg:"a \\"b\\"\\; c\\\\";',
    'sid:5;',
    'rev:0;',
    'gid:7;',
    'classtype:trojan-activity;',
    'priority:2;',
    'reference:url,x.y/a\\;b;',
    'metadata:a b, c d e;',
    'service:http,smtp;',
    'target:src_ip;',
    'noalert;',
    'rem:"x";',
    'threshold:type limit, track by_src, count 1, seconds 60;',
    'detection_filter:track by_src, count 1, seconds 60, unique_on src_port;',
    'threshold:type backoff, track by_flow, count 1, multiplier 10;',
  ])('print what they read: %s', (text) => {
    const node = firstOption(text);
    const option = findOption(node.name.text)!;
    const diagnostics = new Diagnostics();
    const value = option.parse(node, diagnostics);
    const printed = option.print(value);
    const again = option.parse(
      firstOption(printed === undefined ? `${option.name};` : `${option.name}:${printed};`),
      diagnostics,
    );
    expect(diagnostics.list).toEqual([]);
    expect(option.print(again)).toBe(printed);
    // Values that know where they were written differ in that alone.
    const bare = (each: unknown): unknown =>
      JSON.parse(JSON.stringify(each, (key, inner: unknown) => (key === 'at' || key === 'span' ? undefined : inner)));
    expect(bare(again)).toEqual(bare(value));
  });
});

describe('suggestions', () => {
  it.each([
    ['contnet', 'content'],
    ['no_case', 'nocase'],
    ['fastpattern', 'fast_pattern'],
    ['treshold', 'threshold'],
  ])('%s: %s', (typo, meant) => expect(nearestOption(typo)).toBe(meant));
  it('are not made up', () => expect(nearestOption('frobnicate')).toBeUndefined());

  it('count edits, a swap of neighbours as one', () => {
    expect(editDistance('abc', 'abc')).toBe(0);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('abc', 'acb')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(nearest('htp', ['ftp', 'http'])).toBe('ftp');
  });

  it('count no further than a limit, and the same up to there', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 9 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(words, words, fc.nat(9), (a, b, limit) => {
        const distance = editDistance(a, b);
        expect(editDistance(a, b, limit)).toBe(distance <= limit ? distance : Infinity);
      }),
      { numRuns: 2000, seed: 3 },
    );
  });
});

describe('what is not built yet', () => {
  it('is known by protocol', () => {
    expect(waitingProtocol('HTTP1')).toBe('http');
    expect(waitingProtocol('ftp-data')).toBe('ftp');
    expect(waitingProtocol('tcp')).toBeUndefined();
    expect(waitingProtocol('toString')).toBeUndefined();
  });

  it.each([
    ['file_type', 'file'],
    ['igmp.hdr', 'igmp'],
  ])('%s waits for %s', (keyword, protocol) => {
    const option = findOption(keyword)!;
    const value =
      option.value === 'none'
        ? ''
        : (/(?:^|; )[\w.]+(:[^;]*)?;/.exec(option.doc.example.replace('content:"abc"; ', ''))?.[1] ?? '');
    const diagnostics = new Diagnostics();
    const node = parseRule(`alert ip any any -> any any (content:"x"; ${keyword}${value}; sid:1;)`, diagnostics)!;
    const program = compileRule(node, {
      variables: new Variables(),
      environment: { classification: () => undefined, reference: () => undefined },
      diagnostics,
      origin: { file: '', line: 1 },
    });
    expect(diagnostics.list).toEqual([]);
    expect(program!.waitingFor).toEqual([protocol]);
  });
});
