/**
 * http2.settings: the value of a setting that a side of HTTP/2 has sent. Stage: rule. Reference: Suricata, HTTP/2
 * keywords. Each setting is a buffer of its own (app/http2/buffers.ts).
 */
import { settingBuffer, SETTINGS } from '../../app/http2/buffers.js';
import { readNumber, type NumberValue } from './number-value.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue, slice } from './value.js';

interface SettingOption {
  readonly name: string;
  /** Undefined where any value will do. */
  readonly value: NumberValue | undefined;
}

const VALUES = { maximum: 0xffff_ffff };
const ANY: NumberValue['match'] = { kind: 'number', ranges: [[0, VALUES.maximum]], which: 'any' };

export const http2SettingsOptions: readonly RuleOption[] = [
  defineOption<SettingOption>({
    name: 'http2.settings',
    value: 'required',
    repeatable: true,
    parse(node, diagnostics) {
      const word = requireValue(node, diagnostics);
      if (word === undefined) return undefined;
      const [all = '', written = ''] = /^(\w+)\s*/.exec(word.text) ?? [];
      const name = written.toUpperCase();
      if (!Object.hasOwn(SETTINGS, name)) {
        diagnostics.error(
          'unknown-argument',
          `'${written}' is no setting of HTTP/2`,
          word.span,
          `write one of ${Object.keys(SETTINGS).join(', ')}`,
        );
        return undefined;
      }
      if (all.length === word.text.length) return { name, value: undefined };
      const value = readNumber(slice(word, all.length, word.text.length), node, VALUES, diagnostics);
      return value && { name, value };
    },
    compile({ name, value }, builder, node) {
      builder.addNumber(settingBuffer(SETTINGS[name]!), value?.match ?? ANY, node);
    },
    print: ({ name, value }) => (value === undefined ? name : `${name} ${value.text}`),
    doc: {
      appliesTo: 'message',
      summary: 'Compares the value of a setting that a side has sent. Of http2.',
      syntax: 'http2.settings:<setting> [[!|=|<|<=|>|>=]<number>|<low><><high>];',
      example: 'http2.settings:SETTINGS_MAX_FRAME_SIZE >20000;',
    },
  }),
];
