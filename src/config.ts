/**
 * The configuration: defaults < file (YAML) < environment < flags, validated once, then frozen.
 *
 * The schema below is the only list of settings: the environment variable of each follows from its key by rule
 * (`eve.file` → PERISCOPE_EVE_FILE, `receiveBufferBytes` → PERISCOPE_RECEIVE_BUFFER_BYTES), and the table in the
 * operations manual is made from it. Problems are collected, so that one start shows them all.
 */
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { DEFAULT_TUNNEL_PORTS, MAX_TUNNEL_PORTS } from './decode/tunnel-ports.js';
import { isNetwork, MAX_FILTER_ENTRIES } from './dispatch/capture-filter.js';
import { DEFAULT_DEFRAG_OPTIONS } from './dispatch/defrag.js';
import { DEFAULT_FLOW_TIMEOUTS } from './flow/timeouts.js';
import { defaultWorkers } from './util/container-limits.js';
import { nearest } from './util/nearest.js';
import { reasonOf } from './util/reason.js';

/** What a setting says of itself: `allowed` completes "expected …". */
interface SettingMeta {
  readonly doc: string;
  readonly allowed: string;
  /** What the documentation shows where the default depends on the machine. */
  readonly defaultText?: string;
}

const MIB = 1024 * 1024;
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KiB: 1024,
  MiB: MIB,
  GiB: 1024 * MIB,
  kB: 1000,
  MB: 1e6,
  GB: 1e9,
};
const ADDRESS = /^(\[[0-9a-fA-F:.%]+\]|[^\s:[\]]+):(\d{1,5})$/;

const numberOf = (value: unknown): unknown =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;

function bytesOf(value: unknown): unknown {
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(value.trim()) : null;
  return match !== null && match[2] in UNITS ? Number(match[1]) * UNITS[match[2]] : value;
}

function booleanOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return (
    { true: true, yes: true, on: true, 1: true, false: false, no: false, off: false, 0: false }[
      value.trim().toLowerCase()
    ] ?? value
  );
}

function listOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function portsOf(value: unknown): unknown {
  const list = typeof value === 'number' ? [value] : listOf(value);
  return Array.isArray(list) ? list.map(numberOf) : list;
}

function mapOf(value: unknown): unknown {
  return typeof value === 'string' ? parseDocument(value).toJS() : value;
}

const isVni = (text: string): boolean => /^\d{1,8}$/.test(text) && Number(text) < 2 ** 24;

function isAddress(text: string): boolean {
  const match = ADDRESS.exec(text);
  return match !== null && Number(match[2]) <= 65535;
}

const ADDRESS_ALLOWED = 'ADDRESS:PORT, for example 0.0.0.0:4789 or [::]:4789';
const described = <Type extends z.ZodType>(type: Type, meta: SettingMeta): Type => type.meta({ ...meta });

const flag = (initial: boolean, doc: string) =>
  described(z.preprocess(booleanOf, z.boolean()).default(initial), { doc, allowed: 'true or false' });
const text = (initial: string, doc: string, allowed = 'text') =>
  described(z.string().default(initial), { doc, allowed });
const choice = <const Name extends string>(names: readonly Name[], initial: NoInfer<Name>, doc: string) =>
  described(z.enum(names).default(initial as never), { doc, allowed: `one of ${names.join(', ')}` });
const count = (initial: number, min: number, max: number, doc: string, defaultText?: string) =>
  described(z.preprocess(numberOf, z.int().min(min).max(max)).default(initial), {
    doc,
    allowed: `a whole number from ${min} to ${max}`,
    ...(defaultText === undefined ? {} : { defaultText }),
  });
const seconds = (initial: number, doc: string) =>
  described(z.preprocess(numberOf, z.number().min(0).max(86_400)).default(initial), {
    doc,
    allowed: 'seconds, from 0 to 86400',
  });
const bytes = (initial: number, min: number, doc: string) =>
  described(
    z
      .preprocess(
        bytesOf,
        z
          .int()
          .min(min)
          .max(1024 * MIB),
      )
      .default(initial),
    {
      doc,
      allowed: `a size from ${size(min)} to 1 GiB, for example 16MiB`,
      defaultText: size(initial),
    },
  );
const addresses = (initial: string[], doc: string) =>
  described(z.preprocess(listOf, z.array(z.string().refine(isAddress))).default(initial), {
    doc,
    allowed: `a list of ${ADDRESS_ALLOWED}`,
  });
const ports = (initial: readonly number[], doc: string) =>
  described(z.preprocess(portsOf, z.array(z.int().min(1).max(65_535)).max(MAX_TUNNEL_PORTS)).default([...initial]), {
    doc,
    allowed: `a list of at most ${MAX_TUNNEL_PORTS} ports from 1 to 65535`,
  });
const paths = (doc: string) =>
  described(z.preprocess(listOf, z.array(z.string().min(1))).default([]), { doc, allowed: 'a list of paths' });
const choices = <const Name extends string>(names: readonly Name[], initial: readonly NoInfer<Name>[], doc: string) =>
  described(z.preprocess(listOf, z.array(z.enum(names))).default([...initial] as never), {
    doc,
    allowed: `a list of ${names.join(', ')}`,
  });
/** All count at the outermost IP layer under the mirror header; what is left out is a drop of the stage `filter`. */
const filterNumbers = (max: number, doc: string) =>
  described(z.preprocess(portsOf, z.array(z.int().min(0).max(max)).max(MAX_FILTER_ENTRIES)).default([]), {
    doc,
    allowed: `a list of at most ${MAX_FILTER_ENTRIES} numbers from 0 to ${max}`,
  });
const filterNetworks = (doc: string) =>
  described(z.preprocess(listOf, z.array(z.string().refine(isNetwork)).max(MAX_FILTER_ENTRIES)).default([]), {
    doc,
    allowed: `a list of at most ${MAX_FILTER_ENTRIES} networks or addresses, for example 10.0.0.0/8`,
  });
const vniNames = (doc: string) =>
  described(z.preprocess(mapOf, z.record(z.string().refine(isVni), z.coerce.string())).default({}), {
    doc,
    allowed: 'VNI: NAME pairs, VNIs from 0 to 16777215',
  });
const map = (doc: string) =>
  described(z.preprocess(mapOf, z.record(z.string(), z.coerce.string())).default({}), {
    doc,
    allowed: 'NAME: VALUE pairs',
  });

const defrag = DEFAULT_DEFRAG_OPTIONS;
const timeouts = DEFAULT_FLOW_TIMEOUTS;

const SCHEMA = z.object({
  listen: addresses(
    ['0.0.0.0:4789'],
    'Where VXLAN datagrams arrive. `[::]` takes IPv4, too, unless an IPv4 address is listed with the same port.',
  ),
  geneve: z.object({
    listen: addresses([], 'Where GENEVE datagrams of a Gateway Load Balancer arrive (UDP 6081); nowhere when empty.'),
  }),
  admin: described(
    z
      .string()
      .refine((value) => value === 'off' || isAddress(value))
      .default('0.0.0.0:9789'),
    {
      doc: 'Where /metrics, /healthz and /readyz are served; `off` for nowhere.',
      allowed: `${ADDRESS_ALLOWED}, or off`,
    },
  ),
  workers: count(
    defaultWorkers(),
    1,
    256,
    'Shards: threads that inspect packets. The processors of a container are its CPU quota, rounded down.',
    'processors - 1, at least 1',
  ),
  sockets: count(1, 1, 64, 'Sockets, each with a thread, for every address in `listen`.'),
  receiveMethod: choice(
    ['auto', 'dgram'],
    'auto',
    "How datagrams are received: `auto` takes recvmmsg where it can be called, else Node's dgram, which does not tell where a datagram was sent to: `tunnel.dest_ip` then is the address listened on.",
  ),
  receiveBufferBytes: bytes(
    16 * MIB,
    4096,
    'Receive buffer asked for per socket; the kernel grants at most net.core.rmem_max.',
  ),
  rules: paths('Rule files, directories and globs.'),
  sensor: text('', 'Name of the sensor, in events as `host`.', 'a name'),
  vni: z.object({
    names: vniNames(
      'Names of mirror sessions, in events as `tunnel.name` and in `periscope_vni_info`: `{42: shop, 43: billing}`.',
    ),
  }),
  vars: map('Rule variables such as HOME_NET; one alone as `vars.HOME_NET`.'),
  thresholdFile: text('', 'Thresholds and suppressions, in the syntax of threshold.config.', 'a path'),
  classificationFile: text('', 'classification.config; the built-in classes when empty.', 'a path'),
  referenceFile: text('', 'reference.config; the built-in reference systems when empty.', 'a path'),
  geoip: z.object({
    database: text(
      '',
      'MaxMind DB file with countries, for `geoip`; read when rules that ask for countries are loaded.',
      'a path',
    ),
  }),
  reputation: z.object({
    categories: text(
      '',
      'Names of the categories of reputations, for `iprep`: lines of number, name, description.',
      'a path',
    ),
    files: paths('Reputations, for `iprep`: lines of address or network, number of the category, score.'),
  }),
  datasets: z.object({
    directory: text(
      '',
      'Where the files of datasets are that are not beside their rules, and those that a sensor writes (`state`, `save`); nothing is written when empty.',
      'a path',
    ),
    bytes: bytes(
      16 * MIB,
      65_536,
      'All datasets that rules change (`set`, `unset`); then new values are refused and counted.',
    ),
    allowAbsolutePaths: flag(
      false,
      'Let rules name files of datasets by absolute paths and outside of their directory, to read and to write.',
    ),
  }),
  cache: z.object({
    directory: text(
      '',
      'Where compiled rule sets are kept, so that the next start need not read the rules; nowhere when empty. `periscope check --cache` fills it beforehand, as for a read-only root.',
      'a path',
    ),
  }),
  decode: z.object({
    vxlanPorts: ports(
      DEFAULT_TUNNEL_PORTS.vxlanPorts,
      'UDP destination ports of VXLAN within captures and mirrored traffic; 8472 is what flannel, Cilium and older Linux use.',
    ),
    genevePorts: ports(
      DEFAULT_TUNNEL_PORTS.genevePorts,
      'UDP destination ports of GENEVE within captures and mirrored traffic.',
    ),
  }),
  filter: z.object({
    vnis: filterNumbers(2 ** 24 - 1, 'Mirror sessions that are not inspected.'),
    protocols: filterNumbers(255, 'IP protocols, by number, that are not inspected.'),
    ports: filterNumbers(65_535, 'Ports, of either end, of which TCP, UDP and SCTP are not inspected.'),
    addresses: filterNetworks('Networks and addresses, of either end, that are not inspected.'),
  }),
  checksums: choice(
    ['verify', 'ignore'],
    'ignore',
    "`verify` keeps TCP packets with a wrong checksum out of the connection's state and counts wrong checksums.",
  ),
  eve: z.object({
    file: text('-', 'Event file; `-` for stdout.', 'a path or -'),
    types: choices(
      ['alert', 'flow', 'anomaly', 'stats'],
      ['alert'],
      'Events that are written: `flow` is one for each flow at its end, `anomaly` one for each fault of a header and each ' +
        'odd TCP segment, `stats` the counters. Alerts that are not written are counted all the same.',
    ),
    anomaliesPerSecond: count(100, 1, 1_000_000, 'Events of anomalies in a second; more are counted alone.'),
    statsSeconds: count(
      10,
      1,
      86_400,
      'Time between two events with counters, in seconds; for captures there is one, at the end.',
    ),
    payload: flag(false, "Write payloads into events. Mirrored traffic is other people's data."),
    ethernet: flag(false, 'Write MAC addresses into events.'),
    packet: flag(false, 'Write packets into events.'),
    taggedPackets: flag(
      true,
      'Write an event for each packet that a rule with `tag` asks for; the packet itself is in it with `eve.packet`.',
    ),
    communityId: flag(false, 'Write the Community ID of flows into events.'),
    bufferBytes: bytes(
      8 * MIB,
      65_536,
      'Events held back while what reads them is slow; beyond it they are dropped and counted.',
    ),
  }),
  stream: z.object({
    midstream: flag(true, 'Take up TCP connections whose start was not seen, or of which one side is seen.'),
    memory: bytes(
      128 * MIB,
      MIB,
      'What all shards together keep of streams and of what applications said; it is split among them.',
    ),
  }),
  flow: z.object({
    vni: flag(true, 'Keep flows and hosts of different mirror sessions apart.'),
    cap: count(131_072, 1, 16_777_216, 'Flows per shard; then the least recently seen gives way.'),
    tcp: z.object({
      newSeconds: seconds(timeouts.tcp.newSeconds, 'Idle time that ends a TCP flow without handshake.'),
      establishedSeconds: seconds(timeouts.tcp.establishedSeconds, 'Idle time that ends an established TCP flow.'),
      closedSeconds: seconds(timeouts.tcp.closedSeconds, 'Idle time that ends a TCP flow after FIN or RST.'),
    }),
    udp: flowTimeouts('a UDP', timeouts.udp),
    icmp: flowTimeouts('an ICMP', timeouts.icmp),
    other: flowTimeouts('any other', timeouts.other),
  }),
  defrag: z.object({
    datagrams: count(defrag.maxDatagrams, 1, 65_536, 'Datagrams put together at a time, per socket.'),
    bytes: bytes(defrag.maxBytes, 65_536, 'Fragment data held at a time, per socket.'),
    fragments: count(defrag.maxFragments, 2, 1024, 'Fragments of one datagram.'),
    ipv4TimeoutSeconds: seconds(defrag.timeoutIpv4Us / 1e6, 'Time for an IPv4 datagram to be complete.'),
    ipv6TimeoutSeconds: seconds(defrag.timeoutIpv6Us / 1e6, 'Time for an IPv6 datagram to be complete.'),
  }),
  patterns: z.object({
    bytes: bytes(
      16 * MIB,
      65_536,
      'Room of each shard for the pattern tables and literals of one rule set; it has room for two. Taken as it is used; rules that do not fit are refused.',
    ),
  }),
  ring: z.object({ bytes: bytes(8 * MIB, MIB, 'Ring from each socket to each shard.') }),
  candidates: z.object({ bytes: bytes(4 * MIB, 65_536, 'Ring of alerts from each shard.') }),
  thresholds: z.object({
    cap: count(
      65_536,
      1,
      16_777_216,
      'Hosts, pairs and flows under a threshold; then the least recently seen gives way.',
    ),
  }),
  tags: z.object({
    hosts: count(
      4096,
      16,
      1_048_576,
      'Tags of hosts (`tag:host`) at a time; then the one that has waited longest for a packet gives way.',
    ),
  }),
  watchdog: z.object({
    stallSeconds: seconds(
      10,
      'A shard that finishes no packet for so long is replaced; the second time at the same rule, that is taken out.',
    ),
  }),
  shutdown: z.object({ drainSeconds: seconds(10, 'How long a sensor goes on receiving after SIGTERM.') }),
  log: z.object({
    level: choice(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'info',
      'Least severity that is logged.',
    ),
  }),
  metrics: z.object({
    vniCap: count(
      500,
      1,
      100_000,
      'Mirror sessions with metrics of their own, for each receiving thread; the rest are `other`.',
    ),
    vniForgetSeconds: count(
      21_600,
      60,
      2_592_000,
      'A mirror session that has brought nothing for so long has no metrics any more.',
    ),
    topRules: count(
      0,
      0,
      1000,
      'Rules that have a metric of their own, in the order of their first alerts; the rest are `other`.',
    ),
  }),
});

function flowTimeouts(what: string, initial: { newSeconds: number; establishedSeconds: number }) {
  return z.object({
    newSeconds: seconds(initial.newSeconds, `Idle time that ends ${what} flow seen in one direction.`),
    establishedSeconds: seconds(
      initial.establishedSeconds,
      `Idle time that ends ${what} flow seen in both directions.`,
    ),
  });
}

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
export type Config = DeepReadonly<z.infer<typeof SCHEMA>>;

/** One setting, as the documentation shows it. */
export interface Setting {
  readonly key: string;
  readonly env: string;
  readonly default: string;
  readonly allowed: string;
  readonly doc: string;
}

interface Leaf extends Setting {
  readonly type: z.ZodType;
}

const LEAVES: ReadonlyMap<string, Leaf> = new Map(leavesOf(SCHEMA, '').map((leaf) => [leaf.key, leaf]));
/** All settings, in the order of the schema. */
export const SETTINGS: readonly Setting[] = [...LEAVES.values()].map(
  ({ key, env, default: initial, allowed, doc }) => ({ key, env, default: initial, allowed, doc }),
);

function leavesOf(object: z.ZodObject, prefix: string): Leaf[] {
  return Object.entries(object.shape as Record<string, z.ZodType>).flatMap(([name, type]) => {
    const key = prefix + name;
    if (type instanceof z.ZodObject) return leavesOf(type, `${key}.`);
    const meta = type.meta() as unknown as SettingMeta;
    const initial = meta.defaultText ?? shown(type.parse(undefined));
    return [{ key, env: environmentName(key), default: initial, allowed: meta.allowed, doc: meta.doc, type }];
  });
}

/** `eve.file` → PERISCOPE_EVE_FILE. */
export function environmentName(key: string): string {
  return `PERISCOPE_${key.replace(/[A-Z]/g, '_$&').replaceAll('.', '_').toUpperCase()}`;
}

export interface ConfigSources {
  /** Path of a YAML file. */
  readonly file?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Dotted keys, from `--set` and from the flags of their own; text or what the schema wants. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** The flag that each of those was given with, as its user knows it. */
  readonly flagNames?: Readonly<Record<string, string>>;
}

/** The configuration cannot be used; one line per problem. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export interface LoadedConfig {
  readonly config: Config;
  /** Variables of our prefix that are no setting: no error, as Kubernetes makes such for a service of our name. */
  readonly warnings: readonly string[];
  /**
   * Where each setting that was given comes from: a flag, a variable of the environment, or file and line. By key,
   * `vars.HOME_NET` too.
   */
  readonly origins: ReadonlyMap<string, string>;
}

interface Given {
  readonly value: unknown;
  readonly from: string;
  /** Of variables that were given one by one. */
  readonly parts?: Readonly<Record<string, string>>;
}

/** Reads and checks everything. Throws a `ConfigError` with all problems. */
export function loadConfig(sources: ConfigSources = {}): LoadedConfig {
  const problems: string[] = [];
  const warnings: string[] = [];
  const given = new Map<string, Given>();
  if (sources.file !== undefined) takeFile(sources.file, given, problems);
  takeEnvironment(sources.env ?? {}, given, warnings);
  for (const [key, value] of Object.entries(sources.flags ?? {}))
    take(key, { value, from: sources.flagNames?.[key] ?? 'command line' }, given, problems);
  const config = build(given, problems);
  if (problems.length === 0) takeDoublePorts(config as Config, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return { config: deepFreeze(config) as Config, warnings, origins: originsOf(given) };
}

/** A port cannot carry both. */
function takeDoublePorts({ decode }: Config, problems: string[]): void {
  for (const port of decode.vxlanPorts.filter((each) => decode.genevePorts.includes(each))) {
    problems.push(`decode.genevePorts: ${port} is among decode.vxlanPorts, too; a port carries one of them`);
  }
}

function takeFile(path: string, given: Map<string, Given>, problems: string[]): void {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    problems.push(`cannot read the configuration file ${path}: ${reasonOf(error)}`);
    return;
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  for (const { pos, message } of document.errors) {
    const { line, col } = lines.linePos(pos[0]);
    problems.push(`${path}:${line}:${col}: ${message}`);
  }
  if (document.errors.length > 0) return;
  const tree: unknown = document.toJS();
  if (tree === null || tree === undefined) return;
  const lineOf = (keys: readonly string[]): string => {
    const range = (document.getIn(keys, true) as { range?: readonly number[] } | undefined)?.range;
    return range === undefined ? path : `${path}:${lines.linePos(range[0]!).line}`;
  };
  if (isMap(tree)) flatten(tree, [], lineOf, given, problems);
  else problems.push(`${path}: expected a mapping of settings, found ${shown(tree)}`);
}

/** `lineOf` says file and line of a setting by the keys that lead to it. */
function flatten(
  tree: Record<string, unknown>,
  path: readonly string[],
  lineOf: (keys: readonly string[]) => string,
  given: Map<string, Given>,
  problems: string[],
): void {
  for (const [name, value] of Object.entries(tree)) {
    const keys = [...path, name];
    const key = keys.join('.');
    if (!LEAVES.has(key) && isMap(value) && isGroup(key)) {
      flatten(value, keys, lineOf, given, problems);
    } else if (value !== null || !(LEAVES.has(key) || isGroup(key))) {
      // A key without a value leaves the default.
      const parts = isMap(value)
        ? Object.fromEntries(Object.keys(value).map((part) => [part, lineOf([...keys, part])]))
        : undefined;
      take(key, { value, from: lineOf(keys), ...(parts === undefined ? {} : { parts }) }, given, problems);
    }
  }
}

function takeEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  given: Map<string, Given>,
  warnings: string[],
): void {
  const keys = new Map(SETTINGS.map((setting) => [setting.env, setting.key]));
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('PERISCOPE_') || value === undefined || value === '') continue;
    const key = keys.get(name);
    if (key !== undefined) given.set(key, { value, from: name });
    else if (!/^PERISCOPE_(SERVICE|PORT)(_|$)/.test(name))
      warnings.push(`${name} is no setting${suggestion(name, keys.keys())}`);
  }
}

function take(key: string, entry: Given, given: Map<string, Given>, problems: string[]): void {
  if (LEAVES.has(key)) {
    given.set(key, entry);
  } else if (/^vars\.\w+$/.test(key)) {
    const before = given.get('vars');
    const name = key.slice(5);
    given.set('vars', {
      value: { ...(mapOf(before?.value) as object | undefined), [name]: entry.value },
      from: before?.from ?? entry.from,
      parts: { ...before?.parts, [name]: entry.from },
    });
  } else if (isGroup(key)) {
    problems.push(`${key} (${entry.from}): is a group of settings, found ${shown(entry.value)}`);
  } else {
    problems.push(`${key} (${entry.from}): there is no such setting${suggestion(key, LEAVES.keys())}`);
  }
}

function originsOf(given: ReadonlyMap<string, Given>): ReadonlyMap<string, string> {
  const origins = new Map([...given].map(([key, { from }]) => [key, from]));
  const vars = given.get('vars');
  for (const name of Object.keys((mapOf(vars?.value) as object | undefined) ?? {}))
    origins.set(`vars.${name}`, vars!.parts?.[name] ?? vars!.from);
  return origins;
}

function build(given: ReadonlyMap<string, Given>, problems: string[]): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const { key, type, allowed } of LEAVES.values()) {
    const entry = given.get(key);
    const result = type.safeParse(entry?.value);
    if (!result.success)
      problems.push(`${key} (${entry?.from}): ${shown(entry?.value)} is not allowed, expected ${allowed}`);
    else assign(config, key.split('.'), result.data);
  }
  return config;
}

function assign(target: Record<string, unknown>, [name, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) target[name] = value;
  else assign((target[name] ??= {}) as Record<string, unknown>, rest, value);
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}

/** The settings as a Markdown table, for the operations manual. */
export function renderSettings(): string {
  const cell = (content: string): string => content.replaceAll('|', '\\|');
  const rows = SETTINGS.map(
    ({ key, env, default: initial, doc, allowed }) =>
      `| \`${key}\` | \`${env}\` | ${initial === '' ? '' : `\`${cell(initial)}\``} | ${cell(doc)} Allowed: ${cell(allowed)}. |`,
  );
  return ['| Setting | Environment variable | Default | Meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isGroup(key: string): boolean {
  return [...LEAVES.keys()].some((leaf) => leaf.startsWith(`${key}.`));
}

function suggestion(name: string, names: Iterable<string>): string {
  const near = nearest(name, names);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  return isMap(value) && Object.keys(value).length === 0
    ? ''
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
}

function size(value: number): string {
  if (value >= MIB && value % MIB === 0) return `${value / MIB}MiB`;
  return value >= 1024 && value % 1024 === 0 ? `${value / 1024}KiB` : `${value}`;
}
