/**
 * Random talks of a few words, and random rules that mark their flows, count in them, and ask. Each is of one of some
 * groups with words and marks of their own: what a rule does, few others see.
 */
import type { Said } from '../../support/conversation.js';
import type { Chance, Talk } from './chance.js';

const GROUPS = 20;

const wordOf = (chance: Chance, group: number): string => `${chance.one(['alpha', 'beta', 'gamma'])}${group}x`;
const markOf = (chance: Chance, group: number): string => `${chance.one(['p', 'q'])}${group}x`;

export function markedTalk(chance: Chance): Talk {
  const group = chance.below(GROUPS);
  const said = Array.from({ length: 2 + chance.below(7) }, (_, place): Said => {
    const words = Array.from({ length: 1 + chance.below(3) }, () => wordOf(chance, group));
    return [place > 0 && chance.often(40) ? '<' : '>', words.join(' ')];
  });
  return { serverPort: 9999, said, udp: true };
}

function bits(chance: Chance, group: number): string {
  const command = chance.one(['set', 'set', 'unset', 'toggle', 'isset', 'isset', 'isnotset']);
  const name = markOf(chance, group);
  return `flowbits:${command},${command.startsWith('is') && chance.often(25) ? `p${group}x|q${group}x` : name};`;
}

function numbers(chance: Chance, group: number): string {
  const name = markOf(chance, group);
  const operand = chance.often(20) ? markOf(chance, group) : String(chance.below(4));
  const kind = chance.below(10);
  if (kind === 0) return `flowint:${name},isset;`;
  if (kind === 1) return `flowint:${name},notset;`;
  if (kind < 6) return `flowint:${name},${chance.one(['+', '+', '-', '='])},${operand};`;
  return `flowint:${name},${chance.one(['>', '<', '>=', '<=', '==', '!='])},${operand};`;
}

export function markingRule(chance: Chance, sid: number): string {
  const group = chance.below(GROUPS);
  const flow = chance.one(['', '', 'flow:to_server; ', 'flow:to_client; ']);
  const marks = [
    chance.one([bits, numbers])(chance, group),
    ...(chance.often(35) ? [chance.one([bits, numbers])(chance, group)] : []),
  ];
  return `alert udp any any -> any any (${flow}content:"${wordOf(chance, group)}"; ${marks.join(' ')} sid:${sid};)`;
}
