/**
 * ssh.protoversion and ssh.softwareversion: older conditions on the banner. Stage: rule. Reference: Suricata, SSH
 * keywords.
 */
import type { RangeSet } from '../compile/range-set.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue } from './value.js';

/** The number of a version (app/ssh/transaction.ts): `1.99` is 1099. */
const STEP = 1000;
const COMPATIBLE = '2_compat';

/** The versions that a value means: one, all of a major one, or those that speak version 2. */
function versionsOf(text: string): RangeSet<number> | undefined {
  if (text === COMPATIBLE)
    return [
      [STEP + 99, STEP + 99],
      [2 * STEP, 3 * STEP - 1],
    ];
  const [, major, minor] = /^(\d)(?:\.(\d{1,2}))?$/.exec(text) ?? [];
  if (major === undefined) return undefined;
  const first = Number(major) * STEP + Number(minor ?? 0);
  return [[first, minor === undefined ? first + STEP - 1 : first]];
}

const protoversion = defineOption<string>({
  name: 'ssh.protoversion',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    const text = word?.text.replace(/^"(.*)"$/, '$1');
    if (word === undefined || text === undefined || versionsOf(text) !== undefined) return text;
    diagnostics.error(
      'unknown-argument',
      `ssh.protoversion does not take '${text}'`,
      word.span,
      'write a version, as in ssh.protoversion:2.0; or ssh.protoversion:2_compat;',
    );
    return undefined;
  },
  compile(text, builder, node) {
    builder.addNumber('ssh.version', { kind: 'number', ranges: versionsOf(text)!, which: 'any' }, node);
  },
  print: (text) => text,
  doc: {
    appliesTo: 'message',
    summary:
      'The version of the protocol: one, all of a major one, or with 2_compat those that speak version 2. Of ssh.',
    syntax: 'ssh.protoversion:<number|2_compat>;',
    example: 'ssh.protoversion:2_compat;',
  },
});

const softwareversion = defineOption<string>({
  name: 'ssh.softwareversion',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    return word?.text.replace(/^"(.*)"$/, '$1');
  },
  compile(text, builder, node) {
    const bytes = new TextEncoder().encode(text);
    builder.addContentIn('ssh.software', {
      kind: 'content',
      bytes,
      negated: false,
      nocase: false,
      startswith: false,
      endswith: false,
      node,
    });
  },
  print: (text) => `"${text}"`,
  doc: {
    appliesTo: 'message',
    summary: 'A text in the software of a side. Of ssh.',
    syntax: 'ssh.softwareversion:<text>;',
    example: 'ssh.softwareversion:"OpenSSH";',
  },
});

export const sshOptions: readonly RuleOption[] = [protoversion, softwareversion];
