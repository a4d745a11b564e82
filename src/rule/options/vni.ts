/** vni: the mirror session (VXLAN network identifier, RFC 7348) that a packet came from. Stage: rule. */
import { numberSetOption } from './number-set.js';
import type { RuleOption } from './option.js';
import { parseNumber } from './value.js';

const RULES = {
  what: 'VNI',
  /** 24 bits. */
  maximum: 0xff_ffff,
  number: (text: string) => (/^[0-9]/.test(text) ? parseNumber(text) : undefined),
  hint: 'write a number, <n, >n, a range a-b, or a list [1,2,10-20]; ! negates',
};

const vni = numberSetOption('vni', 'vni', RULES, {
  appliesTo: 'packet',
  summary:
    'The packet came from one of these mirror sessions, by the number of the outermost VXLAN; a packet that was not mirrored never matches.',
  syntax: 'vni:[!]<number|<n|>n|low-high|[list]>;',
  example: 'vni:[100,200-299,!250];',
  differences: 'New with Periscope. A range low-high has its ends in.',
});

export const vniOptions: readonly RuleOption[] = [vni];
