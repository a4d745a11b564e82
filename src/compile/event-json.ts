/**
 * The part of an event that is the same for every alert of a rule, written once at load: the `alert` object of EVE.
 * Stage: load.
 *
 * PERF: written member by member, as JSON.stringify takes four times as long over an object made for it.
 */
import type { RuleProgram } from '../rule/program.js';
import { Recent } from '../util/recent.js';

/** `"alert":{…` without the closing brace, so that members that differ between alerts can follow. */
export function eventJson(program: RuleProgram, referencePrefix?: (system: string) => string | undefined): string {
  const { gid, sid, rev, msg, category, priority, metadata, references } = program;
  // An observer lets everything pass; what the rule would have done is its verdict.
  const start = `"alert":{"action":"allowed","gid":${gid},"signature_id":${sid},"rev":${rev}`;
  const text = `${start},"signature":${quoted(msg)},"category":${quoted(category)},"severity":${priority}`;
  return text + metadataMember(metadata) + referencesMember(references, referencePrefix);
}

/** By identity: rules that are next to each other often share theirs (options/meta.ts). */
const recentMembers = new Recent<RuleProgram['metadata'], string>(128);

function metadataMember(metadata: RuleProgram['metadata']): string {
  const known = recentMembers.get(metadata);
  if (known !== undefined) return known;
  const member = writeMetadata(metadata);
  recentMembers.set(metadata, member);
  return member;
}

function writeMetadata(metadata: RuleProgram['metadata']): string {
  let members = '';
  for (const [key, values] of metadata) members += `${members === '' ? '' : ','}${quoted(key)}:${list(values)}`;
  return members === '' ? '' : `,"metadata":{${members}}`;
}

function referencesMember(
  references: RuleProgram['references'],
  prefixOf: ((system: string) => string | undefined) | undefined,
): string {
  const addresses: string[] = [];
  for (const { system, id } of references) {
    const prefix = prefixOf?.(system);
    if (prefix !== undefined) addresses.push(prefix + id);
  }
  return addresses.length === 0 ? '' : `,"references":${list(addresses)}`;
}

function list(texts: readonly string[]): string {
  let items = '';
  for (const text of texts) items += (items === '' ? '' : ',') + quoted(text);
  return `[${items}]`;
}

/** What JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));
