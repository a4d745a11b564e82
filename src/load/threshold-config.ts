/**
 * threshold.config: thresholds and suppressions set by whoever runs the sensor, not by the rule. Stage: load.
 *
 *   suppress gen_id 1, sig_id 2200079, track by_src, ip [10.0.0.1,192.168.0.0/16]
 *   threshold gen_id 1, sig_id 2000001, type limit, track by_src, count 1, seconds 60
 *   rate_filter gen_id 1, sig_id 2000002, track by_dst, count 100, seconds 10, new_action drop, timeout 60
 *
 * A gid or sid of 0 stands for all. Lines go on behind a backslash; comments begin with # and do not. References:
 * Suricata, global thresholds; Snort 2, event processing (event_filter with count -1, rate_filter with apply_to).
 */
import { Diagnostics } from '../rule/diagnostics/diagnostic.js';
import { readThreshold } from '../rule/options/threshold.js';
import { parseAddress } from '../rule/parse/parser.js';
import type { AddressSet, FileThreshold, Suppression, Threshold, ThresholdConfig } from '../block/terms.js';
import { ACTIONS } from '../rule/compile/protocols.js';
import type { Word } from '../rule/ast.js';
import type { Variables } from '../rule/compile/variables.js';
import { readThresholdEntry, thresholdLines, type ThresholdEntry } from './threshold-line.js';

/** The rules that an entry is for. */
interface Ids {
  readonly gid: number;
  readonly sid: number;
}

export interface ThresholdConfigOptions {
  /** Whether there is a rule with this gid and sid; entries for others are reported where it is given. */
  readonly isLoaded?: ((gid: number, sid: number) => boolean) | undefined;
}

const SUPPRESS_TRACKS = ['by_src', 'by_dst', 'by_either'] as const;
const LAST_ID = 0xffff_ffff;
const ADDRESS_HINT =
  'write an address, a network, a variable, or a list of them in brackets: [10.0.0.0/8,!10.0.0.1,$DNS_SERVERS]';
/** A count that takes a threshold off. */
const NO_COUNT = '-1';

/** Everything that could be read; lines that could not are reported, their spans count from the text's start. */
export function parseThresholdConfig(
  text: string,
  variables: Variables,
  diagnostics: Diagnostics,
  options: ThresholdConfigOptions = {},
): ThresholdConfig {
  const reader = new Reader(variables, diagnostics, options);
  for (const line of thresholdLines(text)) {
    const entry = readThresholdEntry(line, diagnostics);
    if (entry !== undefined) reader.take(entry);
  }
  return { suppressions: reader.suppressions, thresholds: reader.thresholds };
}

class Reader {
  readonly suppressions: Suppression[] = [];
  readonly thresholds: FileThreshold[] = [];
  private readonly variables: Variables;
  private readonly diagnostics: Diagnostics;
  private readonly options: ThresholdConfigOptions;
  /** gid:sid of the thresholds so far: of two for the same rules the last one holds. */
  private readonly filtered = new Set<string>();

  constructor(variables: Variables, diagnostics: Diagnostics, options: ThresholdConfigOptions) {
    this.variables = variables;
    this.diagnostics = diagnostics;
    this.options = options;
  }

  take(entry: ThresholdEntry): void {
    const ids = this.readIds(entry);
    if (ids === undefined) return;
    if (entry.kind === 'suppress') {
      const suppression = this.readSuppression(entry, ids);
      if (suppression !== undefined) this.suppressions.push(suppression);
    } else if (entry.kind === 'rate_filter') {
      const threshold = this.readRateFilter(entry);
      if (threshold !== undefined) this.thresholds.push({ ...ids, threshold });
    } else {
      this.takeFilter(entry, ids);
    }
  }

  private takeFilter(entry: ThresholdEntry, ids: Ids): void {
    const off = entry.settings.get('count')?.text === NO_COUNT;
    const threshold = readThreshold(
      off ? withoutCount(entry) : entry.settings,
      undefined,
      entry.span,
      this.diagnostics,
    );
    if (threshold === undefined) return;
    const key = `${ids.gid}:${ids.sid}`;
    if (this.filtered.has(key)) {
      this.diagnostics.warning(
        'duplicate-threshold',
        `another line above is for gen_id ${ids.gid}, sig_id ${ids.sid}, too; this one holds`,
        entry.span,
        'keep one of them',
      );
    }
    this.filtered.add(key);
    this.thresholds.push({ ...ids, threshold: off ? undefined : threshold });
  }

  private readIds(entry: ThresholdEntry): Ids | undefined {
    const gid = this.readNumber('gen_id', entry, 0);
    const sid = this.readNumber('sig_id', entry, 0);
    if (gid === undefined || sid === undefined) return undefined;
    const at = entry.settings.get('sig_id')!.span;
    if (gid === 0 && sid !== 0) {
      this.diagnostics.error(
        'bad-threshold',
        'gen_id 0 stands for all rules, so sig_id must be 0 too',
        at,
        `write gen_id 1, sig_id ${sid} for one rule`,
      );
      return undefined;
    }
    if (sid !== 0 && this.options.isLoaded?.(gid, sid) === false) {
      this.diagnostics.warning(
        'threshold-without-rule',
        `there is no rule with gid ${gid} and sid ${sid}`,
        at,
        'compare gen_id and sig_id with an event, or leave the line out',
      );
    }
    return { gid, sid };
  }

  private readNumber(name: string, { settings, span }: ThresholdEntry, minimum: number): number | undefined {
    const word = settings.get(name);
    const value = /^\d{1,10}$/.test(word?.text ?? '') ? Number(word!.text) : NaN;
    if (value >= minimum && value <= LAST_ID) return value;
    const message =
      word === undefined ? `${name} is missing` : `${name} is no number from ${minimum} to ${LAST_ID}: '${word.text}'`;
    this.diagnostics.error('bad-threshold', message, word?.span ?? span, `write ${name} <number>`);
    return undefined;
  }

  private readSuppression(entry: ThresholdEntry, ids: Ids): Suppression | undefined {
    const track = entry.settings.get('track');
    const ip = entry.settings.get('ip');
    if (track === undefined && ip === undefined) return { ...ids, track: undefined, addresses: undefined };
    const side = SUPPRESS_TRACKS.find((each) => each === track?.text);
    if (side === undefined) {
      const message = track === undefined ? 'track is missing beside ip' : `'${track.text}' is no side`;
      this.diagnostics.error(
        'bad-threshold',
        message,
        (track ?? ip)!.span,
        `write track ${SUPPRESS_TRACKS.join(', ')}`,
      );
      return undefined;
    }
    if (ip === undefined) {
      this.diagnostics.error('bad-threshold', 'ip is missing beside track', entry.span, 'write ip <address or list>');
      return undefined;
    }
    const read = this.readAddresses(ip);
    return read && { ...ids, track: side, addresses: read.addresses };
  }

  private readRateFilter(entry: ThresholdEntry): Threshold | undefined {
    const threshold = readThreshold(entry.settings, 'rate_filter', entry.span, this.diagnostics);
    // 0: for good.
    const timeoutSeconds = this.readNumber('timeout', entry, 0);
    const action = entry.settings.get('new_action');
    const newAction = action !== undefined && Object.hasOwn(ACTIONS, action.text) ? ACTIONS[action.text] : undefined;
    if (newAction === undefined) {
      const message = action === undefined ? 'new_action is missing' : `'${action.text}' is no action`;
      this.diagnostics.error(
        'bad-threshold',
        message,
        action?.span ?? entry.span,
        'write new_action alert, pass, drop or reject',
      );
    }
    const hosts = entry.settings.get('apply_to');
    const read = hosts === undefined ? { addresses: undefined } : this.readApplyTo(hosts, threshold);
    if (threshold === undefined || timeoutSeconds === undefined || newAction === undefined || read === undefined)
      return undefined;
    return {
      ...threshold,
      newAction,
      timeoutSeconds,
      ...(read.addresses === undefined ? {} : { applyTo: read.addresses }),
    };
  }

  private readApplyTo(
    hosts: Word,
    threshold: Threshold | undefined,
  ): { readonly addresses: AddressSet | undefined } | undefined {
    if (threshold === undefined || threshold.track === 'by_src' || threshold.track === 'by_dst')
      return this.readAddresses(hosts);
    this.diagnostics.error(
      'bad-threshold',
      `apply_to names hosts, and ${threshold.track} does not count by one`,
      hosts.span,
      'write track by_src or by_dst',
    );
    return undefined;
  }

  /** Undefined where something was reported; no `addresses` where all are meant. */
  private readAddresses({ text, span }: Word): { readonly addresses: AddressSet | undefined } | undefined {
    const inner = new Diagnostics();
    const node = parseAddress(text, inner);
    const addresses = node && this.variables.addresses(node, inner);
    for (const { span: at, ...rest } of inner.list) {
      this.diagnostics.add({
        ...rest,
        hint: rest.hint ?? ADDRESS_HINT,
        span: { start: span.start + at.start, end: span.start + at.end },
      });
    }
    return inner.hasErrors ? undefined : { addresses };
  }
}

/** The settings with a count that can be read, so that the rest of the line is looked at as well. */
function withoutCount({ settings }: ThresholdEntry): ReadonlyMap<string, Word> {
  const { span } = settings.get('count')!;
  return new Map([...settings, ['count', { text: '1', span }]]);
}
