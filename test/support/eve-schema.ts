/** Suricata's schema of events, where it lies beside the project. Tests that use it are skipped, loudly, elsewhere. */
import { existsSync, readFileSync } from 'node:fs';

const SCHEMA = new URL('../../../shared/schema/eve.json', import.meta.url);
export const hasEveSchema = existsSync(SCHEMA);
if (!hasEveSchema) console.warn('skipped: the event schema is not beside the project (../shared/schema/eve.json)');

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly minItems?: number;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const schema = hasEveSchema ? (JSON.parse(readFileSync(SCHEMA, 'utf8')) as Schema) : {};

/** What is wrong with an event, by the keywords of JSON Schema that the schema of events uses. */
export const violations = (event: unknown): string[] => violationsOf(event, schema, schema);

function violationsOf(value: unknown, part: Schema, root: Schema, path = '$'): string[] {
  if (part.$ref !== undefined) return violationsOf(value, root.$defs![part.$ref.split('/').at(-1)!], root, path);
  const kind = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
  if (part.type !== undefined && part.type !== kind && !(part.type === 'number' && kind === 'integer'))
    return [`${path} is ${kind}, not ${part.type}`];
  if (part.enum?.includes(value) === false) return [`${path} is none of ${part.enum.join(', ')}`];
  if (typeof value === 'string')
    return part.pattern !== undefined && !new RegExp(part.pattern).test(value)
      ? [`${path} does not fit ${part.pattern}`]
      : [];
  if (Array.isArray(value))
    return [
      ...(value.length < (part.minItems ?? 0) ? [`${path} is too short`] : []),
      ...value.flatMap((item, i) => (part.items ? violationsOf(item, part.items, root, `${path}[${i}]`) : [])),
    ];
  if (typeof value !== 'object' || value === null) return [];
  const missing = (part.required ?? []).filter((name) => !(name in value)).map((name) => `${path}.${name} is missing`);
  return [
    ...missing,
    ...Object.entries(value).flatMap(([name, member]) => {
      const known = part.properties?.[name];
      if (known !== undefined) return violationsOf(member, known, root, `${path}.${name}`);
      return part.additionalProperties === false ? [`${path}.${name} is not known`] : [];
    }),
  ];
}
