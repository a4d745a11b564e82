/**
 * Every event that Suricata has a name for is known: raised, waiting for a part of the engine, or said to be silent.
 * Names come from its published schema of statistics.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DECODE_EVENTS } from '../../../src/rule/options/decode-event.js';
import type { EventFamily } from '../../../src/rule/options/event-name.js';
import { STREAM_EVENTS } from '../../../src/rule/options/stream-event.js';
import { compileOptions } from '../../support/rule-options.js';

const SCHEMA = new URL('../../../../shared/schema/eve.json', import.meta.url);
interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
}

function namesBelow(node: Node, prefix = ''): string[] {
  if (node.properties === undefined) return [prefix];
  return Object.entries(node.properties).flatMap(([name, child]) =>
    namesBelow(child, prefix === '' ? name : `${prefix}.${name}`),
  );
}

function eventsOf(path: readonly string[]): string[] {
  const root = JSON.parse(readFileSync(SCHEMA, 'utf8')) as Node;
  return namesBelow(path.reduce((node, name) => node.properties![name]!, root));
}

const present = existsSync(SCHEMA);
if (!present) console.warn('skipped: ../shared/schema/eve.json is not there');

describe('events of Suricata', () => {
  const families: [string, EventFamily, string[]][] = [
    ['stream-event', STREAM_EVENTS, ['stats', 'stream']],
    ['decode-event', DECODE_EVENTS, ['stats', 'decoder', 'event']],
  ];
  for (const [keyword, family, path] of families) {
    (present ? it : it.skip)(`are all known to ${keyword}`, () => {
      const names = eventsOf(['stats', ...path.slice(1)]);
      expect(names.length).toBeGreaterThan(60);
      expect(names.filter((name) => !family.events.has(name))).toEqual([]);
    });
  }

  it('that rule files name otherwise are known, too', () => {
    for (const name of ['3whs_synack_resend_with_different_ack', 'est_synack_resend_with_different_ack'])
      expect(STREAM_EVENTS.events.has(name)).toBe(true);
    for (const name of ['udp.hlen_invalid', 'too_many_layers']) expect(DECODE_EVENTS.events.has(name)).toBe(true);
  });

  it('compile, whatever their kind, with at most a warning', () => {
    for (const [keyword, { events, prefix }] of families) {
      for (const [name, { kind }] of events) {
        const { program, diagnostics } = compileOptions(`${keyword}:${name};`);
        expect(diagnostics.map(({ severity }) => severity)).toEqual(kind === 'silent' ? ['warning'] : []);
        expect(program!.waitingFor.length > 0).toBe(kind === 'waits');
        expect(compileOptions(`engine-event:${prefix}${name};`).program!.packetTests).toEqual(program!.packetTests);
      }
    }
  });
});
