/** The settings one by one, by their keys: the leaves of the schema, and what is shown of them. */
import { z } from 'zod';
import { SCHEMA } from './schema.js';
import type { SettingMeta } from './setting-types.js';

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
  readonly secret: boolean;
  /** Of lists what each member may be, of tables what their names may be. */
  readonly names: readonly string[] | undefined;
}

export const LEAVES: ReadonlyMap<string, Leaf> = new Map(leavesOf(SCHEMA, '').map((leaf) => [leaf.key, leaf]));
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
    return [
      {
        key,
        env: environmentName(key),
        default: initial,
        allowed: meta.allowed,
        names: meta.names,
        doc: meta.doc,
        type,
        secret: meta.secret ?? false,
      },
    ];
  });
}

/** `eve.file` → PERISCOPE_EVE_FILE. */
export function environmentName(key: string): string {
  return `PERISCOPE_${key.replace(/[A-Z]/g, '_$&').replaceAll('.', '_').toUpperCase()}`;
}

export function isGroup(key: string): boolean {
  return [...LEAVES.keys()].some((leaf) => leaf.startsWith(`${key}.`));
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

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function shown(value: unknown): string {
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) return value.join(',');
  return isMap(value) && Object.keys(value).length === 0
    ? ''
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
}
