/**
 * Keywords that look at application protocols in general: appids, detect-event. Stage: rule.
 * The rule waits for the protocol named, or for what the keyword needs.
 */
import type { Diagnostics } from '../../diagnostics/diagnostic.js';
import type { Word } from '../../ast.js';
import { defineOption, type OptionDoc, type RuleOption } from '../option.js';
import { requireValue } from '../value.js';
import { WAITING } from './waiting-keyword.js';

/** What a keyword says, and what its rule waits for. */
interface Named {
  readonly text: string;
  readonly protocol: string;
}

/** A keyword whose value `read` takes, or reports. */
function waitingOption(
  name: string,
  read: (word: Word, diagnostics: Diagnostics) => Named | undefined,
  doc: Omit<OptionDoc, 'appliesTo'>,
  more: Partial<RuleOption<Named>> = {},
): RuleOption {
  return defineOption<Named>({
    name,
    value: 'required',
    repeatable: true,
    parse(node, diagnostics) {
      const word = requireValue(node, diagnostics);
      return word && read(word, diagnostics);
    },
    compile: ({ protocol }, builder) => builder.waitFor(protocol),
    print: ({ text }) => text,
    doc: { appliesTo: WAITING, ...doc },
    ...more,
  });
}

/** The applications of Snort's OpenAppID. */
const appids = waitingOption(
  'appids',
  ({ text }) => ({ text: text.replace(/\s*,\s*/g, ','), protocol: 'appid' }),
  {
    summary: 'Names applications, one of which must have been recognised (Snort). Waits for their recognition.',
    syntax: 'appids:"<name>[,<name>]…";',
    example: 'appids:"facebook, google";',
  },
  { aliases: ['appid'] },
);

/** What the engine itself met while it inspected: limits of Suricata's that were reached. */
const detectEvent = waitingOption(
  'detect-event',
  (word, diagnostics) => {
    if (/^[a-z]+(?:_[a-z]+)*$/i.test(word.text)) return { text: word.text.toLowerCase(), protocol: 'detect-events' };
    diagnostics.error(
      'unknown-argument',
      `'${word.text}' is no event`,
      word.span,
      'write detect-event:<event>; as in detect-event:too_many_buffers;',
    );
    return undefined;
  },
  {
    summary: 'An event of the inspection itself. Waits for such events.',
    syntax: 'detect-event:<event>;',
    example: 'detect-event:too_many_buffers;',
  },
);

export const appLayerOptions: readonly RuleOption[] = [appids, detectEvent];
