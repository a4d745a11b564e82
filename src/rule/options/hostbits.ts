/** hostbits: named marks that a host keeps across its flows. Stage: rule. Reference: Suricata, flow keywords. */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { addBits, printNames, readNames, readOperation, type BitNames, type BitOperation } from './bit-operation.js';
import { defineOption, type RuleOption } from './option.js';
import { readNumber, requireValue, splitArguments } from './value.js';

const HOSTS = ['src', 'dst', 'both'] as const;
type Host = (typeof HOSTS)[number];
const SCOPES = { src: 'host_src', dst: 'host_dst', both: 'host_both' } as const;
/** Suricata's, for bits without a time of their own. */
const DEFAULT_EXPIRE_SECONDS = 300;
const EXPIRE = { minimum: 1, maximum: 0xffff_ffff };

type HostBitsOption =
  | { readonly operation: 'noalert' }
  | {
      readonly operation: BitOperation;
      readonly bits: BitNames;
      readonly host: Host | undefined;
      readonly expireSeconds: number | undefined;
    };

function parse(node: OptionNode, diagnostics: Diagnostics): HostBitsOption | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const [first, name, host, expire, extra] = splitArguments(value);
  const operation = readOperation(first!, 'hostbits', diagnostics);
  if (operation === undefined) return undefined;
  const surplus = operation === 'noalert' ? name : extra;
  if (surplus !== undefined) {
    diagnostics.error(
      'unknown-argument',
      `hostbits:${operation} does not take '${surplus.text}'`,
      surplus.span,
      'leave it out',
    );
    return undefined;
  }
  if (operation === 'noalert') return { operation };
  if (name === undefined) {
    diagnostics.error(
      'missing-argument',
      `hostbits:${operation} needs a name`,
      value.span,
      `write hostbits:${operation},<name>;`,
    );
    return undefined;
  }
  return parseRest(operation, name, host, expire, diagnostics);
}

function parseRest(
  operation: BitOperation,
  name: Word,
  hostWord: Word | undefined,
  expire: Word | undefined,
  diagnostics: Diagnostics,
): HostBitsOption | undefined {
  const bits = readNames(name, operation, false, diagnostics);
  if (bits === undefined) return undefined;
  const host = HOSTS.find((each) => each === hostWord?.text);
  if (hostWord !== undefined && host === undefined) {
    diagnostics.error(
      'unknown-argument',
      `'${hostWord.text}' is no host of a packet`,
      hostWord.span,
      `write ${HOSTS.join(', ')}`,
    );
    return undefined;
  }
  if (expire === undefined) return { operation, bits, host, expireSeconds: undefined };
  const expireSeconds = readNumber(expire, 'the time to live', EXPIRE, diagnostics);
  return expireSeconds === undefined ? undefined : { operation, bits, host, expireSeconds };
}

const hostbits = defineOption<HostBitsOption>({
  name: 'hostbits',
  value: 'required',
  repeatable: true,
  parse,
  compile(value, builder) {
    if (value.operation === 'noalert') builder.noalert = true;
    else
      addBits(
        value.operation,
        value.bits,
        SCOPES[value.host ?? 'src'],
        builder,
        value.operation === 'unset' ? undefined : (value.expireSeconds ?? DEFAULT_EXPIRE_SECONDS),
      );
  },
  print(value) {
    if (value.operation === 'noalert') return 'noalert';
    const host = value.host ?? (value.expireSeconds === undefined ? undefined : 'src');
    return [value.operation, printNames(value.bits), host, value.expireSeconds]
      .filter((part) => part !== undefined)
      .join(',');
  },
  doc: {
    appliesTo: 'flow',
    summary:
      "Sets, unsets, toggles or asks for named marks of the packet's source (unless said otherwise) or destination, across flows.",
    syntax: 'hostbits:<set|unset|toggle|isset|isnotset>,<name>[,<src|dst|both>[,<seconds>]]; or hostbits:noalert;',
    example: 'hostbits:set,ssh.scanner,src,3600;',
    differences:
      'both, which Suricata documents and refuses, changes both hosts, and asks for a mark on either of them. A mark lives 300 seconds unless said otherwise.',
  },
});

export const hostbitsOptions: readonly RuleOption[] = [hostbits];
