/** tcp.session: the phase of its connection that a packet is in. Stage: rule. Reference: Suricata, flow keywords. */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { SESSION_PHASES, type SessionPhase } from '../../block/terms.js';
import { nearest } from '../../util/nearest.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue, splitArguments } from './value.js';

const isPhase = (text: string): text is SessionPhase => (SESSION_PHASES as readonly string[]).includes(text);

function parse(node: OptionNode, diagnostics: Diagnostics): readonly SessionPhase[] | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const phases: SessionPhase[] = [];
  for (const { text, span } of splitArguments(value)) {
    const phase = text.toLowerCase();
    if (!isPhase(phase)) {
      const close = nearest(phase, SESSION_PHASES);
      const hint = close === undefined ? `write ${SESSION_PHASES.join(', ')}` : `did you mean ${close}?`;
      diagnostics.error('unknown-argument', `tcp.session does not know '${text}'`, span, hint);
      return undefined;
    }
    if (phases.includes(phase))
      diagnostics.warning('duplicate-argument', `${phase} is said twice`, span, 'leave one of them out');
    else phases.push(phase);
  }
  return phases;
}

const tcpSession = defineOption<readonly SessionPhase[]>({
  name: 'tcp.session',
  value: 'required',
  repeatable: true,
  parse,
  compile(phases, builder) {
    builder.addPacketTest({ kind: 'tcp_session', phases });
  },
  print: (phases) => phases.join(','),
  doc: {
    appliesTo: 'packet',
    summary:
      'The TCP connection of the packet is in one of these phases: setup is the handshake, and all before it; established ' +
      'all behind it, to the end; closing from the first FIN to that of the other side.',
    syntax: 'tcp.session:<setup|established|closing>[,<phase>]…;',
    example: 'tcp.session:setup,closing;',
    differences:
      'A packet may be in two phases: what closes a connection is behind its handshake. Capital letters and blanks are ' +
      'read, and a phase said twice is a warning; each of them is an error in Suricata.',
  },
});

export const tcpSessionOptions: readonly RuleOption[] = [tcpSession];
