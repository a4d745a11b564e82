/**
 * The object of a protocol in events, made of plain values. Stage: app; called for events alone, so it allocates.
 * Bound: 8 KiB; of lists and groups that are longer there are the first members, of texts none.
 */
const MOST_CHARACTERS = 8192;

export type EventValue = string | number | bigint | boolean | undefined | readonly EventValue[] | EventMembers;
export interface EventMembers {
  readonly [name: string]: EventValue;
}

/** `"krb5":{…}`; members that are undefined are left out. Numbers of over 53 bits may stand among the members alone. */
export function eventObject(name: string, members: EventMembers): string {
  const printed: string[] = [];
  let left = MOST_CHARACTERS;
  for (const [member, value] of Object.entries(members)) {
    if (value === undefined) continue;
    const label = `${JSON.stringify(member)}:`;
    const text = typeof value === 'bigint' ? String(value) : JSON.stringify(cutTo(value, left - label.length));
    if (text === undefined || label.length + text.length > left) continue;
    left -= label.length + text.length + 1;
    printed.push(label + text);
  }
  return `"${name}":{${printed.join(',')}}`;
}

/** As much of it as so many characters have room for; undefined for nothing. */
function cutTo(value: EventValue, room: number): EventValue {
  if (JSON.stringify(value).length <= room) return value;
  if (typeof value !== 'object' || room < 2) return undefined;
  let left = room - 2;
  const fitting = (one: EventValue, label: number): EventValue => {
    const part = left <= label ? undefined : cutTo(one, left - label);
    if (part !== undefined) left -= JSON.stringify(part).length + label + 1;
    return part;
  };
  if (Array.isArray(value)) return value.map((one) => fitting(one as EventValue, 0)).filter((one) => one !== undefined);
  const kept = Object.entries(value as EventMembers).filter(([, one]) => one !== undefined);
  return Object.fromEntries(kept.map(([name, one]) => [name, fitting(one, name.length + 3)]));
}
