/**
 * Expressions with less patience, for a test: every window and every wait of the alert rules is a thirtieth of what it
 * is (half a minute is a second), half an hour of silence is twenty seconds, and a day, with the packets that must come
 * in it, is half a minute. Nothing else of an expression is changed.
 */
import type { AlertRule } from '../../support/alarm-samples.js';

const TIMES = 30;
const SILENCE_TIMES = 90;
const DAY_TIMES = 2880;
/** A window holds two scrapes, also of a busy machine. */
const LEAST_WINDOW_MS = 5000;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function millisecondsOf(duration: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(duration)!;
  return Number(count) * SECONDS[unit!]! * 1000;
}

/** An expression with shorter windows; likewise the age that `time() - …` is held against. */
export function fasterExpression(expr: string): string {
  const isOfADay = expr.includes('[1d]');
  const times = isOfADay ? DAY_TIMES : TIMES;
  const ageTimes = isOfADay ? DAY_TIMES : SILENCE_TIMES;
  return expr
    .replace(
      /\[(\w+)\]/g,
      (_, window: string) => `[${Math.max(LEAST_WINDOW_MS, Math.round(millisecondsOf(window) / times))}ms]`,
    )
    .replace(/(time\(\) - [^>]*> )(\d+)/, (_, before: string, age: string) => `${before}${Number(age) / ageTimes}`)
    .replace('> 1e6', `> ${1e6 / times}`);
}

export function fasterRule(rule: AlertRule): AlertRule {
  const expr = fasterExpression(rule.expr);
  return rule.for === undefined ? { ...rule, expr } : { ...rule, expr, for: `${millisecondsOf(rule.for) / TIMES}ms` };
}
