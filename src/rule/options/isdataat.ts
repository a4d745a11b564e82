/** isdataat: whether the buffer reaches as far as a position. Stage: rule. Reference: Suricata, payload keywords. */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { defineOption, type RuleOption } from './option.js';
import { readOperand, requireValue, slice, splitArguments, type Operand } from './value.js';

interface IsDataAtOption {
  readonly negated: boolean;
  readonly position: Operand;
  readonly relative: boolean;
  readonly rawbytes: boolean;
}

const POSITION = { minimum: 0, maximum: 65_535 };

function parse(node: OptionNode, diagnostics: Diagnostics): IsDataAtOption | undefined {
  const word = requireValue(node, diagnostics);
  if (word === undefined) return undefined;
  const negated = word.text.startsWith('!');
  const [first, ...rest] = splitArguments(slice(word, negated ? 1 : 0, word.text.length));
  const position = readOperand(first!, 'the position', POSITION, diagnostics);
  if (position === undefined) return undefined;
  const wrong = rest.find((part) => part.text !== 'relative' && part.text !== 'rawbytes');
  if (wrong !== undefined) {
    diagnostics.error(
      'unknown-argument',
      `isdataat does not know '${wrong.text}'`,
      wrong.span,
      'write isdataat:[!]<position>[,relative][,rawbytes];',
    );
    return undefined;
  }
  const relative = rest.some((part) => part.text === 'relative');
  if (relative && negated && position === 0) {
    diagnostics.warning(
      'never-matches',
      'isdataat:!0,relative never holds: relative positions count the end of the buffer too',
      word.span,
      'write isdataat:!1,relative; for the end of the buffer',
    );
  }
  return { negated, position, relative, rawbytes: rest.some((part) => part.text === 'rawbytes') };
}

const isdataat = defineOption<IsDataAtOption>({
  name: 'isdataat',
  value: 'required',
  repeatable: true,
  parse,
  compile({ position, negated, relative }, builder, node) {
    // As in Suricata: the old writing of endswith, also of a content that must not be there.
    if (negated && relative && position === 1 && builder.endContent()) return;
    builder.addMatch({ kind: 'isdataat', position: builder.resolveValue(position, node), negated, relative }, node);
  },
  print: ({ position, negated, relative, rawbytes }) =>
    `${negated ? '!' : ''}${position}${relative ? ',relative' : ''}${rawbytes ? ',rawbytes' : ''}`,
  doc: {
    appliesTo: 'buffer',
    summary: 'The buffer has data at a position, counted from its start or from the end of the last match.',
    syntax: 'isdataat:[!]<number|variable>[,relative][,rawbytes];',
    example: 'content:"USER "; isdataat:!64,relative;',
    differences:
      'As in Suricata an absolute position must be less than the length of the buffer, a relative one at most what is left of it: isdataat:!1,relative is the end, where Snort writes !0; right behind a content, negated or not, it is endswith. rawbytes has no effect.',
  },
});

export const isdataatOptions: readonly RuleOption[] = [isdataat];
