/**
 * The header of a rule: from words to protocol, address sets and port ranges. Stage: rule (compile).
 */
import { isParsed, isTold } from '../../app/applications.js';
import { findState, hooksOf } from '../../app/state-buffers.js';
import type { RuleNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { meantProtocol } from './header-hints.js';
import { nearest } from '../../util/nearest.js';
import type { Action } from '../../block/terms.js';
import type { RuleHeader } from '../program.js';
import { ACTIONS, SILENT_ACTIONS, FIREWALL, HOOKS, PORTLESS, PROTOCOLS, REFUSED_ACTIONS } from './protocols.js';
import { headerEnds, type TenantVariables } from './tenant-variables.js';
import type { Variables } from './variables.js';
import { applicationsNamed, isTransactionHook, waitingProtocol, waitingProtocolNames } from './waiting.js';

export interface CompiledHeader {
  readonly header: RuleHeader;
  /** The application protocol that the header asks for and that is not parsed yet. */
  readonly waitingFor: string | undefined;
  /** The state of a transaction that stands behind the protocol: its buffer (app/state-buffers.ts). */
  readonly state: string | undefined;
}

/** Reports an action that is unknown or that a sensor cannot take. */
export function compileAction({ text, span }: Word, diagnostics: Diagnostics): Action | undefined {
  const name = text.toLowerCase();
  if (SILENT_ACTIONS.has(name)) return 'log';
  if (Object.hasOwn(ACTIONS, name)) return ACTIONS[name];
  const refused = text.includes(':')
    ? FIREWALL
    : Object.hasOwn(REFUSED_ACTIONS, name)
      ? REFUSED_ACTIONS[name]
      : undefined;
  if (refused !== undefined) {
    diagnostics.error('unsupported-action', `the action ${text} ${refused.reason}`, span, refused.hint);
    return undefined;
  }
  const close = nearest(name, Object.keys(ACTIONS));
  diagnostics.error(
    'unknown-action',
    `'${text}' is no action`,
    span,
    close === undefined ? 'write alert, pass, drop, reject or log' : `did you mean ${close}?`,
  );
  return undefined;
}

/** Undefined where something was reported. Without addresses everything is meant. */
export function compileHeader(
  node: RuleNode,
  variables: Variables,
  diagnostics: Diagnostics,
  tenants?: TenantVariables,
): CompiledHeader | undefined {
  const protocol = compileProtocol(node.protocol, diagnostics);
  checkDirection(node.direction, diagnostics);
  const { source, sourcePorts, destination, destinationPorts } = headerEnds(node, variables, diagnostics);
  const ofTenants = tenants?.endsOf(node, diagnostics);
  if (protocol === undefined) return undefined;
  const ports = sourcePorts ?? destinationPorts;
  if (ports !== undefined && PORTLESS.has(protocol.protocol)) {
    diagnostics.warning(
      'never-matches',
      `${node.protocol.text} has no ports, so a rule that names some never matches`,
      node.protocol.span,
      'write any for both ports',
    );
  }
  const header = {
    protocol: protocol.protocol,
    hook: protocol.hook,
    source,
    sourcePorts,
    destination,
    destinationPorts,
    bidirectional: node.direction?.text === '<>',
    applications: protocol.applications,
    tenants: ofTenants,
  };
  return { header, waitingFor: protocol.waitingFor, state: protocol.state };
}

type CompiledProtocol = Pick<RuleHeader, 'protocol' | 'hook' | 'applications'> &
  Pick<CompiledHeader, 'waitingFor' | 'state'>;

/** What stands before a hook, in small letters. */
export function nameOfProtocol(text: string): string {
  const colon = text.indexOf(':');
  return (colon < 0 ? text : text.slice(0, colon)).toLowerCase();
}

/** Those that were good, by their text: a large set of rules has a few. */
const compiledProtocols = new Map<string, CompiledProtocol>();
const MOST_KNOWN = 1024;

function compileProtocol(word: Word, diagnostics: Diagnostics): CompiledProtocol | undefined {
  const compiled = compiledProtocols.get(word.text) ?? workOutProtocol(word, diagnostics);
  if (compiled !== undefined && compiledProtocols.size < MOST_KNOWN) compiledProtocols.set(word.text, compiled);
  return compiled;
}

function workOutProtocol({ text, span }: Word, diagnostics: Diagnostics): CompiledProtocol | undefined {
  const colon = text.indexOf(':');
  const name = nameOfProtocol(text);
  const hookName = colon < 0 ? undefined : text.slice(colon + 1);
  const waitingFor = waitingProtocol(name);
  const applications = applicationsNamed(name);
  const isLive = applications.some((each) => isParsed(each) || isTold(each));
  const none = { waitingFor: undefined, state: undefined };
  if (hookName === undefined && isLive) return { protocol: 'ip', applications, ...none };
  const state = hookName === undefined ? undefined : findState(name, hookName)?.buffer;
  if (state !== undefined) return { protocol: 'ip', applications, ...none, state };
  const hooks = hooksOf(name);
  const hasNone = hooks.length === 0 && applications.some(isParsed);
  const waits = hookName === undefined || (hooks.length === 0 && !hasNone && isTransactionHook(hookName));
  if (waitingFor !== undefined && waits) return { protocol: 'ip', ...none, waitingFor };
  if (waitingFor === undefined && !Object.hasOwn(PROTOCOLS, name)) {
    const close = meantProtocol(name) ?? nearest(name, [...Object.keys(PROTOCOLS), ...waitingProtocolNames()]);
    diagnostics.error(
      'unknown-protocol',
      `'${text}' is no protocol`,
      span,
      close === undefined ? 'write ip, tcp, udp, icmp or an application protocol' : `did you mean ${close}?`,
    );
    return undefined;
  }
  if (hookName === undefined) return { protocol: PROTOCOLS[name]!, ...none };
  if (waitingFor === undefined && Object.hasOwn(HOOKS, hookName))
    return { protocol: PROTOCOLS[name]!, hook: HOOKS[hookName], ...none };
  const at = { start: span.start + colon + 1, end: span.end };
  const known =
    waitingFor === undefined ? [...new Set(Object.values(HOOKS))] : ['request_started', 'response_complete'];
  const written = hooks.length > 0 ? hooks : known.map((hook) => `${name}:${hook}`);
  diagnostics.error(
    'unknown-hook',
    `${name} has no hook '${hookName}'`,
    { start: Math.min(at.start, at.end - 1), end: at.end },
    hasNone ? `leave it away: ${name} has no transactions` : `write ${written.join(' or ')}`,
  );
  return undefined;
}

function checkDirection(direction: Word | undefined, diagnostics: Diagnostics): void {
  if (direction?.text === '<-') {
    diagnostics.error('bad-direction', "'<-' is no direction", direction.span, "swap the two sides and write '->'");
  }
}
