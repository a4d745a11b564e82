/**
 * Kinds of settings: what is taken for one (from YAML, the environment and flags alike), and what the documentation
 * says of it.
 */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { DETECTION_ONLY, MOST_OPEN, SETTABLE, WITH_BODIES, WITH_PORTS } from '../app/application-settings.js';
import { HTTP1_DEFAULTS } from '../app/http1/settings.js';
import { MAX_TUNNEL_PORTS } from '../decode/tunnel-ports.js';
import { isNetwork, MAX_FILTER_ENTRIES } from '../dispatch/capture-filter.js';
import { MOST_TENANT_VNIS, MOST_TENANTS } from '../block/terms.js';
import { MOST_GROUP_VNIS, MOST_GROUPS } from '../flow/vni-groups.js';
import { DESTINATION_ALLOWED, parseDestination } from '../util/destination.js';
import { HOST_POLICIES, MAX_POLICY_NETWORKS } from '../util/host-policy.js';

/** What a setting says of itself: `allowed` completes "expected …". */
export interface SettingMeta {
  readonly doc: string;
  readonly allowed: string;
  /** Of lists what each member may be, of tables what their names may be. */
  readonly names?: readonly string[];
  /** What the documentation shows where the default depends on the machine. */
  readonly defaultText?: string;
  /** Not shown, and not taken from the command line. */
  readonly secret?: boolean;
}

export const MIB = 1024 * 1024;
const MIN_SECRET = 16;
const MOST_PROTOCOL_PORTS = 64;
const MOST_VNI = 2 ** 24 - 1;
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

export function listOf(value: unknown): unknown {
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

export function mapOf(value: unknown): unknown {
  return typeof value === 'string' ? parseDocument(value).toJS() : value;
}

const isVni = (text: string): boolean => /^\d{1,8}$/.test(text) && Number(text) < 2 ** 24;

export function isAddress(text: string): boolean {
  const match = ADDRESS.exec(text);
  return match !== null && Number(match[2]) <= 65535;
}

export const ADDRESS_ALLOWED = 'ADDRESS:PORT, for example 0.0.0.0:4789 or [::]:4789';
export const described = <Type extends z.ZodType>(type: Type, meta: SettingMeta): Type => type.meta({ ...meta });

export const flag = (initial: boolean, doc: string) =>
  described(z.preprocess(booleanOf, z.boolean()).default(initial), { doc, allowed: 'true or false' });
export const text = (initial: string, doc: string, allowed = 'text') =>
  described(z.string().default(initial), { doc, allowed });
/** Never from the command line, where every process of the machine can read it. */
export const secret = (doc: string) =>
  described(
    z
      .string()
      .refine((value) => value === '' || value.length >= MIN_SECRET)
      .default(''),
    { doc, allowed: `at least ${MIN_SECRET} characters, from a file or the environment`, secret: true },
  );
export const choice = <const Name extends string>(names: readonly Name[], initial: NoInfer<Name>, doc: string) =>
  described(z.enum(names).default(initial as never), { doc, allowed: `one of ${names.join(', ')}` });
export const count = (initial: number, min: number, max: number, doc: string, defaultText?: string) =>
  described(z.preprocess(numberOf, z.int().min(min).max(max)).default(initial), {
    doc,
    allowed: `a whole number from ${min} to ${max}`,
    ...(defaultText === undefined ? {} : { defaultText }),
  });
export const seconds = (initial: number, doc: string) =>
  described(z.preprocess(numberOf, z.number().min(0).max(86_400)).default(initial), {
    doc,
    allowed: 'seconds, from 0 to 86400',
  });
export const bytes = (initial: number, min: number, doc: string) =>
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
export const addresses = (initial: string[], doc: string) =>
  described(z.preprocess(listOf, z.array(z.string().refine(isAddress))).default(initial), {
    doc,
    allowed: `a list of ${ADDRESS_ALLOWED}`,
  });
export const ports = (initial: readonly number[], doc: string) =>
  described(z.preprocess(portsOf, z.array(z.int().min(1).max(65_535)).max(MAX_TUNNEL_PORTS)).default([...initial]), {
    doc,
    allowed: `a list of at most ${MAX_TUNNEL_PORTS} ports from 1 to 65535`,
  });
/** A list in YAML; text that is none is one expression, commas and all. */
function expressionsOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value === '') return [];
  const parsed: unknown = value.startsWith('[') ? parseDocument(value).toJS() : undefined;
  return Array.isArray(parsed) ? parsed : [value];
}

function isExpression(text: string): boolean {
  try {
    new RegExp(text, 'gu');
    return text !== '' && !new RegExp(text, 'u').test('');
  } catch {
    return false;
  }
}

const MOST_REDACTIONS = 64;
export const expressions = (doc: string) =>
  described(z.preprocess(expressionsOf, z.array(z.string().refine(isExpression)).max(MOST_REDACTIONS)).default([]), {
    doc,
    allowed: `a list of at most ${MOST_REDACTIONS} regular expressions that do not match the empty text`,
  });
export const eventFields = (doc: string) =>
  described(z.preprocess(listOf, z.array(z.string().regex(/^\w+(\.\w+)*$/)).max(MOST_REDACTIONS)).default([]), {
    doc,
    allowed: `a list of at most ${MOST_REDACTIONS} names as http.url or payload`,
  });
const MOST_DESTINATIONS = 8;
export const destinations = (doc: string) =>
  described(
    z
      .preprocess(
        listOf,
        z.array(z.string().refine((text) => parseDestination(text) !== undefined)).max(MOST_DESTINATIONS),
      )
      .refine((list) => new Set(list).size === list.length)
      .default([]),
    { doc, allowed: `${DESTINATION_ALLOWED}; at most ${MOST_DESTINATIONS}, none of them twice` },
  );
export const paths = (doc: string) =>
  described(z.preprocess(listOf, z.array(z.string().min(1))).default([]), { doc, allowed: 'a list of paths' });
export const choices = <const Name extends string>(
  names: readonly Name[],
  initial: readonly NoInfer<Name>[],
  doc: string,
) =>
  described(z.preprocess(listOf, z.array(z.enum(names))).default([...initial] as never), {
    doc,
    allowed: `a list of ${names.join(', ')}`,
    names,
  });
/** All count at the outermost IP layer under the mirror header; what is left out is a drop of the stage `filter`. */
export const filterNumbers = (max: number, doc: string) =>
  described(z.preprocess(portsOf, z.array(z.int().min(0).max(max)).max(MAX_FILTER_ENTRIES)).default([]), {
    doc,
    allowed: `a list of at most ${MAX_FILTER_ENTRIES} numbers from 0 to ${max}`,
  });
export const filterNetworks = (doc: string) =>
  described(z.preprocess(listOf, z.array(z.string().refine(isNetwork)).max(MAX_FILTER_ENTRIES)).default([]), {
    doc,
    allowed: `a list of at most ${MAX_FILTER_ENTRIES} networks or addresses, for example 10.0.0.0/8`,
  });
export const vniNames = (doc: string) =>
  described(z.preprocess(mapOf, z.record(z.string().refine(isVni), z.coerce.string())).default({}), {
    doc,
    allowed: 'VNI: NAME pairs, VNIs from 0 to 16777215',
  });
export const vniGroups = (doc: string) =>
  described(
    z
      .preprocess(
        mapOf,
        z.record(
          z.string(),
          z
            .array(
              z
                .int()
                .min(0)
                .max(2 ** 24 - 1),
            )
            .max(MOST_GROUP_VNIS),
        ),
      )
      .refine((groups) => Object.keys(groups).length <= MOST_GROUPS)
      .superRefine((groups, context) => refuseTwice(Object.values(groups), context))
      .default({}),
    {
      doc,
      allowed: `at most ${MOST_GROUPS} NAME: VNIS pairs, at most ${MOST_GROUP_VNIS} VNIs each, none of them twice`,
    },
  );
export const tenants = (doc: string) =>
  described(
    z
      .preprocess(
        mapOf,
        z.record(
          z.string().min(1),
          z.strictObject({
            vnis: z.preprocess(portsOf, z.array(z.int().min(0).max(MOST_VNI)).min(1).max(MOST_TENANT_VNIS)),
            vars: z.record(z.string(), z.coerce.string()).default({}),
          }),
        ),
      )
      .refine((all) => Object.keys(all).length <= MOST_TENANTS)
      .superRefine((all, context) =>
        refuseTwice(
          Object.values(all).map(({ vnis }) => vnis),
          context,
        ),
      )
      .default({}),
    {
      doc,
      allowed:
        `at most ${MOST_TENANTS} NAME: {vnis: VNIS, vars: {NAME: VALUE}} pairs, at most ${MOST_TENANT_VNIS} VNIs each, ` +
        'none of them twice',
    },
  );
const PROTOCOL = z.strictObject({
  enabled: z.preprocess(booleanOf, z.union([z.boolean(), z.literal(DETECTION_ONLY)])).default(true),
  ports: z.preprocess(portsOf, z.array(z.int().min(1).max(65_535)).max(MOST_PROTOCOL_PORTS)).optional(),
  transactions: z.preprocess(numberOf, z.int().min(1).max(MOST_OPEN)).optional(),
  requestBody: z.preprocess(bytesOf, z.int().min(0).max(HTTP1_DEFAULTS.requestBody)).optional(),
  responseBody: z.preprocess(bytesOf, z.int().min(0).max(HTTP1_DEFAULTS.responseBody)).optional(),
});
export const protocols = (doc: string) =>
  described(
    z
      .preprocess(mapOf, z.record(z.string(), PROTOCOL))
      .superRefine((all, context) => {
        const refuse = (...path: string[]): void => context.addIssue({ code: 'custom', path });
        for (const [name, { ports, requestBody, responseBody }] of Object.entries(all)) {
          if (!SETTABLE.includes(name)) refuse(name);
          else if (ports !== undefined && !WITH_PORTS.includes(name)) refuse(name, 'ports');
          else if (!WITH_BODIES.includes(name)) {
            if (requestBody !== undefined) refuse(name, 'requestBody');
            if (responseBody !== undefined) refuse(name, 'responseBody');
          }
        }
      })
      .default({}),
    {
      doc,
      allowed:
        `NAME: {enabled: true, false or ${DETECTION_ONLY}, ports: at most ${MOST_PROTOCOL_PORTS}, transactions: from 1 to ` +
        `${MOST_OPEN}} pairs, with requestBody and responseBody, at most 100KiB, for ${WITH_BODIES.join(' and ')}; ` +
        `names are ${SETTABLE.join(', ')}`,
      names: SETTABLE,
    },
  );
/** No VNI may be named twice, in one list or in two. */
function refuseTwice(lists: readonly (readonly number[])[], context: z.RefinementCtx): void {
  const twice = lists.flat().find((vni, at, all) => all.indexOf(vni) < at);
  if (twice !== undefined) context.addIssue({ code: 'custom', message: `${twice} is there twice` });
}

export const hostPolicies = (doc: string) =>
  described(
    z
      .preprocess(mapOf, z.record(z.string().refine(isNetwork), z.enum(HOST_POLICIES)))
      .refine((policies) => Object.keys(policies).length <= MAX_POLICY_NETWORKS)
      .default({}),
    {
      doc,
      allowed: `at most ${MAX_POLICY_NETWORKS} NETWORK: POLICY pairs, policies as those of stream.policy and defrag.policy`,
    },
  );
export const map = (doc: string) =>
  described(z.preprocess(mapOf, z.record(z.string(), z.coerce.string())).default({}), {
    doc,
    allowed: 'NAME: VALUE pairs',
  });

function size(value: number): string {
  if (value >= MIB && value % MIB === 0) return `${value / MIB}MiB`;
  return value >= 1024 && value % 1024 === 0 ? `${value / 1024}KiB` : `${value}`;
}
