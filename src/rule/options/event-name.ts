/**
 * What the names of events mean to rules, and the keywords that take them: stream-event, decode-event, and engine-event
 * for both. Stage: rule. Reference: Suricata, decoder and stream events.
 *
 * An event is raised here, waits for a part of the engine, or is known and never raised; what that is for a reason is
 * said with it, so that nobody takes a rule's silence for an answer.
 */
import type { Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { PacketTest } from '../program.js';
import type { RuleBuilder } from '../compile/rule-builder.js';
import { nearest } from '../../util/nearest.js';
import { defineOption, type OptionDoc, type RuleOption } from './option.js';
import { requireValue } from './value.js';

export type EventMeaning =
  | { readonly kind: 'raised'; readonly tests: readonly PacketTest[] }
  | { readonly kind: 'waits'; readonly for: string }
  | { readonly kind: 'silent'; readonly reason: string };

/** A family of events, by the prefix that Suricata gives their names. */
export interface EventFamily {
  readonly prefix: string;
  /** Every name, with the older names that rule sets use, and what it means. */
  readonly events: ReadonlyMap<string, EventMeaning>;
}

/** A keyword whose value is the name of an event. */
export function eventOption(name: string, families: readonly EventFamily[], doc: OptionDoc): RuleOption {
  return defineOption<string>({
    name,
    value: 'required',
    repeatable: true,
    parse(node, diagnostics) {
      const word = requireValue(node, diagnostics);
      return word && parseEventName(word, families, diagnostics);
    },
    compile: (event, builder, node) => compileEvent(event, node.value!, families, builder),
    print: (event) => event,
    doc,
  });
}

/** Reads the name of an event, with the prefix of its family or without; undefined (and an error) for what is none. */
function parseEventName(word: Word, families: readonly EventFamily[], diagnostics: Diagnostics): string | undefined {
  const name = word.text.toLowerCase();
  const known = families.some((family) => family.events.has(bare(name, family)));
  if (known) return name;
  const names = families.flatMap(({ events }) => [...events.keys()]);
  const close = nearest(families.reduce(bare, name), names);
  diagnostics.error(
    'unknown-event',
    `there is no event '${word.text}'`,
    word.span,
    close === undefined ? 'the names are in docs/rules.md' : `did you mean ${close}?`,
  );
  return undefined;
}

/** Adds what the event means to the rule, and says where it is never raised. */
function compileEvent(name: string, word: Word, families: readonly EventFamily[], builder: RuleBuilder): void {
  const family = families.find((each) => each.events.has(bare(name, each)))!;
  const meaning = family.events.get(bare(name, family))!;
  switch (meaning.kind) {
    case 'raised':
      for (const test of meaning.tests) builder.addPacketTest(test);
      return;
    case 'waits':
      builder.waitFor(meaning.for);
      return;
    case 'silent':
      builder.diagnostics.warning(
        'event-never-raised',
        `${name} is never raised here: ${meaning.reason}`,
        word.span,
        'the rule is loaded and never matches; leave it out',
      );
      // No number is without a bit: a test that no packet passes.
      builder.addPacketTest({ kind: 'tcp_event', events: [] });
  }
}

const bare = (name: string, { prefix }: EventFamily): string =>
  name.startsWith(prefix) ? name.slice(prefix.length) : name;
