/** flags: the TCP flags of a packet. Stage: rule. Reference: RFC 9293; Suricata, TCP keywords; Snort 2 for 1 and 2. */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { parseBitLetters, printBitLetters, printLetters, readLetters, type BitLetters } from './bit-letters.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue, splitArguments } from './value.js';

/** Bits of byte 13 of the header: CWR ECE URG ACK PSH RST SYN FIN from the highest down. */
const LETTERS: ReadonlyMap<string, number> = new Map([
  ['F', 0x01],
  ['S', 0x02],
  ['R', 0x04],
  ['P', 0x08],
  ['A', 0x10],
  ['U', 0x20],
  ['C', 0x80],
  ['E', 0x40],
  ['1', 0x80],
  ['2', 0x40],
  ['0', 0],
]);

interface TcpFlagsOption extends BitLetters {
  readonly ignore: number;
}

function parse(node: OptionNode, diagnostics: Diagnostics): TcpFlagsOption | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const [first, mask, extra] = splitArguments(value);
  if (extra !== undefined) {
    diagnostics.error(
      'unknown-argument',
      `${node.name.text} takes no third part`,
      extra.span,
      'write flags:[+|*|!]<flags>[,<flags to ignore>];',
    );
    return undefined;
  }
  const flags = parseBitLetters(first!, LETTERS, diagnostics);
  const ignore = mask === undefined ? 0 : readLetters(mask, LETTERS, diagnostics);
  if (flags === undefined || ignore === undefined) return undefined;
  if ((flags.bits & ignore) !== 0) {
    diagnostics.error(
      'flags-ignored',
      'a flag is asked for and ignored at once',
      mask!.span,
      'leave it out of one of the two',
    );
    return undefined;
  }
  if (flags.bits === 0 && (flags.mode === 'any' || flags.mode === 'all')) {
    diagnostics.error(
      'conflicting-arguments',
      `no flag at all cannot stand with '${first!.text.replace(/[^+*]/g, '')}'`,
      first!.span,
      'write flags:0; for no flag, flags:!0; for at least one',
    );
    return undefined;
  }
  return { ...flags, ignore };
}

const flags = defineOption<TcpFlagsOption>({
  name: 'flags',
  aliases: ['tcp.flags'],
  value: 'required',
  repeatable: true,
  parse,
  compile({ bits, mode, ignore }, builder) {
    const atLeastOne = mode === 'not' && bits === 0;
    builder.addPacketTest({
      kind: 'tcp_flags',
      flags: atLeastOne ? 0xff : bits,
      ignore,
      mode: atLeastOne ? 'any' : mode,
    });
  },
  print: (value) =>
    `${printBitLetters(value, LETTERS)}${value.ignore === 0 ? '' : `,${printLetters(value.ignore, LETTERS)}`}`,
  doc: {
    appliesTo: 'packet',
    summary: 'The TCP flags are exactly these; with + these and others, with * one of these, with ! none of these.',
    syntax: 'flags:[+|*|!]<F|S|R|P|A|U|C|E|1|2|0>…[,<flags to ignore>];',
    example: 'flags:S,CE;',
    differences:
      'The modifier may stand behind the flags, as in Snort 2. 1 and 2 are C and E. !SF asks that neither is set, as in Snort; Suricata is content when one of them is not.',
  },
});

export const tcpFlagsOptions: readonly RuleOption[] = [flags];
