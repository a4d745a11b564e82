/**
 * xbits: named marks of a host or a pair of hosts, across flows, for a time, or of a transaction. Stage: rule.
 * Reference: Suricata, xbits.
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { addBits, printNames, readNames, readOperation, type BitNames, type BitOperation } from './bit-operation.js';
import { defineOption, type RuleOption } from './option.js';
import { readNumber, requireValue, splitArguments, splitHead } from './value.js';

const SCOPES = { ip_src: 'host_src', ip_dst: 'host_dst', ip_pair: 'ip_pair', tx: 'tx' } as const;
type Track = keyof typeof SCOPES;
/** Suricata's, for bits without a time of their own. */
const DEFAULT_EXPIRE_SECONDS = 30;
const EXPIRE = { minimum: 1, maximum: 0xffff_ffff };
const FORM = 'write xbits:<operation>,<name>,track <ip_src|ip_dst|ip_pair>[,expire <seconds>];';

type XBitsOption =
  | { readonly operation: 'noalert' }
  | {
      readonly operation: BitOperation;
      readonly bits: BitNames;
      readonly track: Track;
      readonly expireSeconds: number | undefined;
    };

function parse(node: OptionNode, diagnostics: Diagnostics): XBitsOption | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const [first, name, ...rest] = splitArguments(value);
  const operation = readOperation(first!, 'xbits', diagnostics);
  if (operation === undefined) return undefined;
  if (operation === 'noalert') {
    if (name === undefined) return { operation };
    diagnostics.error('unknown-argument', `xbits:noalert does not take '${name.text}'`, name.span, 'leave it out');
    return undefined;
  }
  if (name === undefined) {
    diagnostics.error('missing-argument', `xbits:${operation} needs a name`, value.span, FORM);
    return undefined;
  }
  const bits = readNames(name, operation, false, diagnostics);
  return bits && parseRest(operation, bits, rest, value, diagnostics);
}

function parseRest(
  operation: BitOperation,
  bits: BitNames,
  rest: readonly Word[],
  value: Word,
  diagnostics: Diagnostics,
): XBitsOption | undefined {
  let track: Track | undefined;
  let expireSeconds: number | undefined;
  for (const part of rest) {
    const { head, rest: argument } = splitHead(part);
    const target = argument?.text ?? '';
    if (head.text === 'track' && track === undefined && Object.hasOwn(SCOPES, target)) {
      track = target as Track;
    } else if (head.text === 'expire' && expireSeconds === undefined && argument !== undefined) {
      expireSeconds = readNumber(argument, 'expire', EXPIRE, diagnostics);
      if (expireSeconds === undefined) return undefined;
      if (operation !== 'set' && operation !== 'toggle')
        diagnostics.hint(
          'without-effect',
          `expire changes nothing where a bit is ${operation}`,
          part.span,
          'say it where the bit is set',
        );
    } else {
      diagnostics.error('unknown-argument', `xbits does not know '${part.text}' here`, part.span, FORM);
      return undefined;
    }
  }
  if (track === 'tx' && expireSeconds !== undefined)
    diagnostics.hint('without-effect', 'a mark of a transaction lives as long as that', value.span, 'leave out expire');
  if (track !== undefined) return { operation, bits, track, expireSeconds };
  diagnostics.error('missing-argument', 'xbits needs to know whose bit it is', value.span, FORM);
  return undefined;
}

const xbits = defineOption<XBitsOption>({
  name: 'xbits',
  value: 'required',
  repeatable: true,
  parse,
  compile(value, builder) {
    if (value.operation === 'noalert') {
      builder.noalert = true;
      return;
    }
    addBits(
      value.operation,
      value.bits,
      SCOPES[value.track],
      builder,
      value.operation === 'unset' || value.track === 'tx' ? undefined : (value.expireSeconds ?? DEFAULT_EXPIRE_SECONDS),
    );
  },
  print(value) {
    if (value.operation === 'noalert') return 'noalert';
    const expire = value.expireSeconds === undefined ? '' : `,expire ${value.expireSeconds}`;
    return `${value.operation},${printNames(value.bits)},track ${value.track}${expire}`;
  },
  doc: {
    appliesTo: 'flow',
    summary:
      'Sets, unsets, toggles or asks for named marks of a host or a pair of hosts, across flows, or of a transaction.',
    syntax:
      'xbits:<set|unset|toggle|isset|isnotset>,<name>,track <ip_src|ip_dst|ip_pair|tx>[,expire <seconds>]; or xbits:noalert;',
    example: 'xbits:set,bad.ssh,track ip_src,expire 3600;',
    differences:
      'A mark lives 30 seconds unless said otherwise, as in Suricata, and one of a transaction (track tx) as long as the transaction. Suricata sets and asks for the latter alone, and asks in rules with a hook alone; here any rule over messages does all that it may do with other marks. A rule that looks at no message sets nothing.',
  },
});

export const xbitsOptions: readonly RuleOption[] = [xbits];
