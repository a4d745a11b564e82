/**
 * app-layer-protocol: what the sides of a flow speak. Stage: rule. Reference: Suricata, app-layer keywords; each
 * meaning as Suricata 8.0.7 has it.
 */
import { APPLICATIONS, isTold, type ApplicationName } from '../../app/applications.js';
import type { ApplicationSide } from '../../block/terms.js';
import type { OptionNode } from '../ast.js';
import { applicationsNamed, waitingProtocol } from '../compile/waiting.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue } from './value.js';
import { WAITING } from './waiting/waiting-keyword.js';

interface ProtocolOption {
  readonly text: string;
  readonly applications: readonly (ApplicationName | 'unknown')[];
  readonly side: ApplicationSide;
  readonly negated: boolean;
  /** A protocol among them that is not told apart yet. */
  readonly waitsFor: string | undefined;
}

const FORM = /^(!?)([\w-]+(?:\|[\w-]+)*)(?:,(\w+))?$/;
const SYNTAX = 'app-layer-protocol:[!]<protocol>[|<protocol>]…[,<exact|final|original|either|to_server|to_client>];';
const SIDES: Readonly<Record<string, ApplicationSide>> = {
  exact: 'own',
  final: 'final',
  original: 'original',
  either: 'either',
  to_server: 'to_server',
  to_client: 'to_client',
  toserver: 'to_server',
  toclient: 'to_client',
};

function parse(node: OptionNode, diagnostics: Diagnostics): ProtocolOption | undefined {
  const word = requireValue(node, diagnostics);
  if (word === undefined) return undefined;
  const text = word.text.replace(/\s*([,!|])\s*/g, '$1');
  const [, negation, list, mode = ''] = FORM.exec(text) ?? [];
  if (list === undefined || (mode !== '' && !Object.hasOwn(SIDES, mode))) {
    diagnostics.error(
      'unknown-argument',
      `app-layer-protocol does not take '${word.text}'`,
      word.span,
      `write ${SYNTAX}`,
    );
    return undefined;
  }
  const names = list.split('|');
  const wrong = names.find((name) => named(name, mode).length === 0 && waitingProtocol(name) === undefined);
  if (wrong !== undefined) {
    diagnostics.error('unknown-argument', `'${wrong}' is no application protocol`, word.span, `write ${SYNTAX}`);
    return undefined;
  }
  return {
    text,
    negated: negation === '!',
    side: SIDES[mode] ?? 'own',
    applications: names.flatMap((name) => named(name, mode)),
    waitsFor: names.map((name) => waits(name, mode)).find((name) => name !== undefined),
  };
}

/** What a name means: `http` is every version of it, but where it is to be exact. */
function named(name: string, mode: string): readonly (ApplicationName | 'unknown')[] {
  const lower = name.toLowerCase();
  if (lower === 'failed' || lower === 'unknown') return [lower];
  const exact = mode === 'exact' ? APPLICATIONS.filter((application) => application.name === lower) : [];
  return exact.length > 0 ? exact.map((application) => application.name) : applicationsNamed(lower);
}

function waits(name: string, mode: string): string | undefined {
  const applications = named(name, mode);
  const told = applications.some((each) => (each === 'unknown' ? isTold('failed') : isTold(each)));
  return told ? undefined : (waitingProtocol(name) ?? 'app-layer');
}

const appLayerProtocol = defineOption<ProtocolOption>({
  name: 'app-layer-protocol',
  value: 'required',
  repeatable: true,
  parse,
  compile({ applications, side, negated, waitsFor }, builder) {
    if (applications.length > 0) builder.addFlowTest({ kind: 'application', applications, side, negated });
    if (waitsFor !== undefined) builder.waitFor(waitsFor);
  },
  print: ({ text }) => text,
  doc: {
    appliesTo: isTold('failed') ? 'flow' : WAITING,
    summary:
      'What the side that has sent what is inspected speaks, whatever the port; `final`: what the flow does, ' +
      '`original`: what it did before a change (STARTTLS, CONNECT), `either`: one of its sides. `failed`: nothing ' +
      'that is known. Nothing matches, negated or not, while it is not told what it asks for.',
    syntax: SYNTAX,
    example: 'app-layer-protocol:!tls;',
    differences: 'Several protocols may be named. A rule that asks for nothing else is tried once per direction.',
  },
});

export const appLayerProtocolOptions: readonly RuleOption[] = [appLayerProtocol];
