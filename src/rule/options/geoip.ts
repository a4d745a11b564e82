/**
 * geoip: the country of the packet's addresses, by a MaxMind database. Stage: rule. Reference: Suricata, IP keywords.
 *
 *   geoip:src,RU,CN;     geoip:dst,!DE,AT;
 */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { isProblem, type DataProblem } from '../compile/rule-data.js';
import { ADDRESS_SIDES, type AddressSide } from './address-side.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue, slice, splitArguments } from './value.js';

const NO_DATABASE: DataProblem = { code: 'missing-setting', message: 'there is no database of countries here' };

interface GeoipOption {
  readonly side: AddressSide;
  readonly negated: boolean;
  /** In capitals. */
  readonly countries: readonly string[];
}

function parse(node: OptionNode, diagnostics: Diagnostics): GeoipOption | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const words = splitArguments(value);
  const side = ADDRESS_SIDES.find((each) => each === words[0]!.text.toLowerCase());
  const countries = side === undefined ? words : words.slice(1);
  if (countries.length === 0) {
    diagnostics.error(
      'missing-argument',
      'geoip names no country',
      value.span,
      `write geoip:${side},<code of a country>;`,
    );
    return undefined;
  }
  const negated = countries.some(({ text }) => text.startsWith('!'));
  const codes: string[] = [];
  for (const word of countries) {
    const code = word.text.startsWith('!') ? slice(word, 1, word.text.length) : word;
    if (!/^[A-Za-z]{2}$/.test(code.text)) {
      diagnostics.error(
        'bad-argument',
        `'${code.text}' is no code of a country`,
        word.span,
        'write two letters (ISO 3166), as in geoip:src,US,CA; src, dst, both or any stands first',
      );
      return undefined;
    }
    if (!codes.includes(code.text.toUpperCase())) codes.push(code.text.toUpperCase());
  }
  return { side: side ?? 'any', negated, countries: codes };
}

const geoip = defineOption<GeoipOption>({
  name: 'geoip',
  value: 'required',
  repeatable: true,
  parse,
  compile({ side, negated, countries }, builder, node) {
    const { span } = node.value ?? node.name;
    const found = builder.environment.data?.countries(countries, negated) ?? NO_DATABASE;
    if (isProblem(found)) {
      builder.diagnostics.error(found.code, found.message, span, found.hint);
      return;
    }
    if (found.unknown.length > 0) {
      builder.diagnostics.warning(
        'unknown-country',
        `the database has no addresses in ${found.unknown.join(', ')}`,
        span,
        found.unknown.includes('UK') ? 'write GB' : undefined,
      );
    }
    builder.addFlowTest({ kind: 'address', side, addresses: found.addresses, perFlow: false });
  },
  print: ({ side, negated, countries }) =>
    [...(side === 'any' ? [] : [side]), `${negated ? '!' : ''}${countries[0]}`, ...countries.slice(1)].join(','),
  doc: {
    appliesTo: 'packet',
    summary:
      'The source, the destination, one of them (any, unless said otherwise) or both are in one of these countries or, with `!`, in another one.',
    syntax: 'geoip:[<src|dst|both|any>,][!]<country>[,<country>…];',
    example: 'geoip:src,RU,BY;',
    differences:
      'Also for IPv6. Countries come from the setting geoip.database (MaxMind DB, country.iso_code), read when rules are loaded; without it the rule is an error. One `!` negates all of the list. An address that is in no country never matches. As in Suricata every packet is looked at, not the first of a flow only.',
  },
});

export const geoipOptions: readonly RuleOption[] = [geoip];
