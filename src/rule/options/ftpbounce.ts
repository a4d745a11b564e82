/** ftpbounce: a command that names another host than its sender. Stage: rule. Reference: Suricata, FTP keywords. */
import { defineOption, type RuleOption } from './option.js';

const ftpbounce = defineOption<true>({
  name: 'ftpbounce',
  value: 'none',
  repeatable: true,
  side: 'to_server',
  parse: () => true,
  compile(_value, builder, node) {
    builder.addNumber('ftp.bounce', { kind: 'number', ranges: [[1, 1]], which: 'any' }, node);
  },
  print: () => undefined,
  doc: {
    summary: 'PORT or EPRT names another host than the client, of FTP. Only in what clients send.',
    syntax: 'ftpbounce;',
    example: 'content:"PORT"; nocase; ftpbounce;',
    appliesTo: 'message',
    differences: 'Suricata looks at PORT alone.',
  },
});

export const ftpbounceOptions: readonly RuleOption[] = [ftpbounce];
