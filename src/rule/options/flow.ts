/** flow: direction, state and origin of what is inspected. Stage: rule. Reference: Suricata, flow keywords. */
import type { Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { FlowState } from '../program.js';
import { nearest } from '../../util/nearest.js';
import { defineOption, type RuleOption } from './option.js';
import { remembering, splitArguments } from './value.js';

type FlowMember = keyof FlowState;

/** What each word asks for. Two words about one member exclude each other. */
const WORDS = {
  to_server: { direction: 'to_server' },
  from_client: { direction: 'to_server' },
  to_client: { direction: 'to_client' },
  from_server: { direction: 'to_client' },
  established: { established: true },
  not_established: { established: false },
  stateless: { stateless: true },
  only_stream: { source: 'only_stream' },
  no_stream: { source: 'no_stream' },
  only_frag: { frag: 'only_frag' },
  no_frag: { frag: 'no_frag' },
} as const satisfies Record<string, FlowState>;

export type FlowWord = keyof typeof WORDS;

function isFlowWord(text: string): text is FlowWord {
  return Object.hasOwn(WORDS, text);
}

/** `stateless` is about the state, like established. */
function subject(word: FlowWord): FlowMember {
  const member = Object.keys(WORDS[word])[0] as FlowMember;
  return member === 'stateless' ? 'established' : member;
}

const stateOf = ({ established, stateless }: FlowState): boolean | 'stateless' | undefined =>
  stateless === true ? 'stateless' : established;

/** Whether two options of one rule ask for what cannot both be. */
function excludeEachOther(one: FlowState, other: FlowState): boolean {
  const differ = <T>(a: T | undefined, b: T | undefined): boolean => a !== undefined && b !== undefined && a !== b;
  return (
    differ(one.direction, other.direction) ||
    differ(one.source, other.source) ||
    differ(one.frag, other.frag) ||
    differ(stateOf(one), stateOf(other))
  );
}

interface FlowOption {
  readonly words: readonly FlowWord[];
  readonly asked: FlowState;
}

function readOption(value: Word, diagnostics: Diagnostics): FlowOption | undefined {
  const words = readWords(value, diagnostics);
  return words && { words, asked: stateOfWords(words) };
}

/** In one shape, whatever is asked. */
const stateOfWords = (words: readonly FlowWord[]): FlowState => {
  const { direction, established, stateless, source, frag }: FlowState = Object.assign(
    {},
    ...words.map((word) => WORDS[word]),
  );
  return { direction, established, stateless, source, frag };
};

const joined = (one: FlowState, other: FlowState): FlowState => ({
  direction: other.direction ?? one.direction,
  established: other.established ?? one.established,
  stateless: other.stateless ?? one.stateless,
  source: other.source ?? one.source,
  frag: other.frag ?? one.frag,
});

function readWords(value: Word, diagnostics: Diagnostics): readonly FlowWord[] | undefined {
  const words: FlowWord[] = [];
  for (const part of splitArguments(value)) {
    const word = part.text.toLowerCase();
    if (!isFlowWord(word)) {
      const close = nearest(word, Object.keys(WORDS));
      diagnostics.error(
        'unknown-argument',
        `flow does not know '${part.text}'`,
        part.span,
        close === undefined ? `write ${Object.keys(WORDS).join(', ')}` : `did you mean ${close}?`,
      );
      return undefined;
    }
    const other = words.find((each) => subject(each) === subject(word));
    if (other !== undefined && JSON.stringify(WORDS[other]) === JSON.stringify(WORDS[word])) {
      diagnostics.warning(
        'duplicate-argument',
        `${word} says what ${other} says already`,
        part.span,
        'leave one of them out',
      );
    } else if (other !== undefined) {
      diagnostics.error(
        'conflicting-arguments',
        `${word} and ${other} exclude each other`,
        part.span,
        'leave one of them out',
      );
      return undefined;
    } else {
      words.push(word);
    }
  }
  return words;
}

const flow = defineOption<FlowOption>({
  name: 'flow',
  value: 'required',
  repeatable: true,
  // PERF: nine of ten rules have one, and there are some dozens of texts.
  parse: remembering(64, readOption),
  compile({ words, asked }, builder, node) {
    if (builder.flow !== undefined && excludeEachOther(builder.flow, asked)) {
      const message = `flow:${words.join(',')} and the flow before it exclude each other`;
      builder.diagnostics.error('conflicting-arguments', message, node.value!.span, 'leave one of them out');
      return;
    }
    builder.flow = builder.flow === undefined ? asked : joined(builder.flow, asked);
  },
  print: ({ words }) => words.join(','),
  doc: {
    appliesTo: 'flow',
    summary:
      'Asks for a direction, a state, and for packets, streams or fragments. A TCP connection is established behind its handshake; the ACK that completes it belongs to the handshake, unless it carries data.',
    syntax:
      'flow:<word>[,<word>]…; with to_server, from_client, to_client, from_server, established, not_established, stateless, only_stream, no_stream, only_frag, no_frag',
    example: 'flow:established,to_server;',
    differences:
      'A word that repeats another is reported and passed over; in Suricata it is an error. Of several in a rule each adds its words. The sender of a SYN/ACK is the server, also where that packet comes first.',
  },
});

export const flowOptions: readonly RuleOption[] = [flow];
