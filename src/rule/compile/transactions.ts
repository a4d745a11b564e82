/**
 * Rules of transactions: which applications they are about, and what they say that does not go together. Stage: rule
 * (compile). As Suricata has it, which refuses more: rules that mix the sides of a transaction without '=>'.
 */
import type { ApplicationName } from '../../app/applications.js';
import { ALL_BUFFERS, type BufferRegistry } from '../../app/buffers.js';
import { isFrame } from '../../app/frame/buffers.js';
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { BufferProgram, RuleProgram } from '../program.js';
import type { RuleTrace } from './rule-builder.js';

type Rule = Pick<RuleProgram, 'header' | 'buffers'>;

/**
 * The applications that a rule asks for, those of its header and of all its buffers; undefined where it asks for none.
 */
export function applicationsOf(
  { header, buffers }: Rule,
  registry: BufferRegistry = ALL_BUFFERS,
): readonly ApplicationName[] | undefined {
  let asked = header.applications;
  for (const { buffer } of buffers) {
    const { scope, applications } = registry.spec(buffer);
    if (scope === 'packet' || scope === 'stream') continue;
    asked = asked === undefined ? applications : asked.filter((name) => applications.includes(name));
  }
  return asked;
}

/** Reports what a rule of transactions cannot ask for, and hints at what it may mean otherwise. */
export function checkTransactions(
  program: RuleProgram,
  trace: Pick<RuleTrace, 'tests' | 'testNodes' | 'buffers'>,
  direction: Word | undefined,
  diagnostics: Diagnostics,
  registry: BufferRegistry = ALL_BUFFERS,
): void {
  const check = new TransactionCheck(program, trace, diagnostics, registry);
  if (check.first === undefined) return;
  check.applications();
  check.frames();
  check.packets();
  check.sides(direction);
}

class TransactionCheck {
  /** A buffer of transactions. */
  readonly first: BufferProgram | undefined;
  private readonly program: RuleProgram;
  private readonly trace: Pick<RuleTrace, 'tests' | 'testNodes' | 'buffers'>;
  private readonly diagnostics: Diagnostics;
  private readonly registry: BufferRegistry;

  constructor(
    program: RuleProgram,
    trace: Pick<RuleTrace, 'tests' | 'testNodes' | 'buffers'>,
    diagnostics: Diagnostics,
    registry: BufferRegistry,
  ) {
    this.program = program;
    this.trace = trace;
    this.diagnostics = diagnostics;
    this.registry = registry;
    this.first = program.buffers.find(({ buffer }) => registry.spec(buffer).scope === 'tx');
  }

  /** No flow speaks two protocols. */
  applications(): void {
    const { program, registry } = this;
    if (applicationsOf(program, registry)?.length !== 0) return;
    let asked = program.header.applications;
    for (const { buffer } of program.buffers) {
      const { scope, applications } = registry.spec(buffer);
      if (scope !== 'tx') continue;
      const left: readonly ApplicationName[] =
        asked === undefined ? applications : asked.filter((name) => applications.includes(name));
      if (left.length === 0) {
        const node = this.nodeOf(buffer);
        this.error(
          `${node.name.text} is of ${applications.join(' or ')}, and the rule asks for ${asked!.join(' or ')} before`,
          node,
          'write a rule for each protocol',
        );
        return;
      }
      asked = left;
    }
  }

  /** A frame is looked at by itself. */
  frames(): void {
    const of = (frames: boolean) =>
      this.program.buffers.find(
        ({ buffer }) => this.registry.spec(buffer).scope === 'tx' && isFrame(buffer) === frames,
      );
    const frame = of(true);
    const other = of(false);
    if (frame === undefined || other === undefined) return;
    const node = this.nodeOf(other.buffer);
    this.error(
      `${node.name.text} is of a message, and ${frame.buffer} is looked at by itself`,
      node,
      'write a rule for each',
    );
  }

  /** A message comes in any number of packets, and has no TTL. */
  packets(): void {
    const { program, trace } = this;
    const test = program.packetTests[0];
    const headers = program.buffers.find(
      ({ buffer }) => this.registry.spec(buffer).scope === 'packet' && buffer !== 'payload' && buffer !== 'base64_data',
    );
    const node =
      test === undefined ? headers && this.nodeOf(headers.buffer) : trace.testNodes[trace.tests.indexOf(test)];
    if (node !== undefined)
      this.error(
        `${node.name.text} asks for a packet, and ${this.first!.buffer} for a message, which may come in several`,
        node,
        'write two rules, joined by flowbits',
      );
  }

  sides(direction: Word | undefined): void {
    const toServer = this.exclusiveTo('toServer', 'toClient');
    const toClient = this.exclusiveTo('toClient', 'toServer');
    const isJoined = direction?.text === '=>';
    if (toServer !== undefined && toClient !== undefined) {
      if (isJoined) return;
      const node = this.nodeOf(toClient);
      this.diagnostics.hint(
        'both-directions',
        `${toServer} is of what clients send, and ${node.name.text} of what servers send: the rule waits for both sides of a transaction`,
        node.name.span,
        "write '=>' to say so",
      );
    } else if (isJoined) {
      this.diagnostics.hint(
        'both-directions',
        "'=>' joins both directions of a transaction, and this rule does not look at something of each",
        direction.span,
        "write '->'",
      );
    }
  }

  /** The first buffer that only one side has. */
  private exclusiveTo(side: 'toServer' | 'toClient', other: 'toServer' | 'toClient'): string | undefined {
    for (const { buffer } of this.program.buffers) {
      const spec = this.registry.spec(buffer);
      if (spec.scope === 'tx' && spec[side] !== undefined && spec[other] === undefined) return spec.name;
    }
    return undefined;
  }

  private error(message: string, { name }: OptionNode, hint: string): void {
    this.diagnostics.error('never-matches', message, name.span, hint);
  }

  /** The option that the buffer was named by. */
  private nodeOf(name: string): OptionNode {
    const open = this.trace.buffers.find(
      ({ buffer, matches, absent }) => buffer === name && (matches.length > 0 || absent !== undefined),
    )!;
    return open.selector ?? open.nodes[0]!;
  }
}
