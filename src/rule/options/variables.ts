/**
 * flowvar, pktvar: bytes in what an expression has captured for the flow, or for the packet. Stage: rule. Reference:
 * Suricata, flow keywords.
 *
 *   flowvar:user,"admin|20|";     pktvar:agent,curl;
 */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { parseContentValue } from '../parse/parser.js';
import { printContentBytes } from './content-print.js';
import { defineOption, type RuleOption } from './option.js';
import { variableName } from './pcre-captures.js';
import { requireValue, slice } from './value.js';

interface VariableOption {
  readonly name: string;
  readonly content: Uint8Array;
}

const MAXIMUM_BYTES = 255;

function parse(node: OptionNode, diagnostics: Diagnostics): VariableOption | undefined {
  const keyword = node.name.text.toLowerCase();
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const comma = value.text.indexOf(',');
  const name = slice(value, 0, comma < 0 ? value.text.length : comma);
  const form = `write ${keyword}:<name>,"<content>";`;
  if (comma < 0) {
    diagnostics.error('missing-argument', `${keyword} needs the bytes that the variable has in it`, value.span, form);
    return undefined;
  }
  if (name.text === '' || /[\s"';!]/.test(name.text)) {
    diagnostics.error('bad-name', `'${name.text}' is no name of a variable`, name.span, form);
    return undefined;
  }
  const rest = slice(value, comma + 1, value.text.length);
  const isQuoted = rest.text.length >= 2 && rest.text.startsWith('"') && rest.text.endsWith('"');
  // Spans count from the quote.
  const word = isQuoted ? rest : { text: `"${rest.text}"`, span: { ...rest.span, start: rest.span.start - 1 } };
  const content = parseContentValue(word, diagnostics);
  if (content === undefined) return undefined;
  if (content.bytes.length > MAXIMUM_BYTES) {
    diagnostics.error('unknown-argument', `${keyword} takes at most ${MAXIMUM_BYTES} bytes`, rest.span, form);
    return undefined;
  }
  return { name: name.text, content: content.bytes };
}

const variable = (keyword: 'flowvar' | 'pktvar', of: 'flow' | 'packet', differences: string): RuleOption =>
  defineOption<VariableOption>({
    name: keyword,
    value: 'required',
    repeatable: true,
    parse,
    compile({ name, content }, builder) {
      builder.addBitTest({
        scope: 'flow',
        operation: 'isset',
        names: [variableName(of, name)],
        variable: { of, content },
      });
    },
    print: ({ name, content }) => `${name},${printContentBytes(content)}`,
    doc: {
      appliesTo: of === 'flow' ? 'flow' : 'packet',
      summary: `Bytes in what a pcre of a rule that has matched before has captured for the ${of}.`,
      syntax: `${keyword}:<name>,"<content>";`,
      example: `${keyword}:user,"admin";`,
      differences,
    },
  });

export const variableOptions: readonly RuleOption[] = [
  variable(
    'flowvar',
    'flow',
    'It is never negated. Who asks for a variable is tried behind all that set it; in Suricata only behind those whose expression looks at the payload. A flow keeps 32 variables, of 1 KiB at most each and 8 KiB together.',
  ),
  variable(
    'pktvar',
    'packet',
    'It is never negated. Where several rules have set it, the first value counts. Who asks for a variable is tried behind all that set it.',
  ),
];
