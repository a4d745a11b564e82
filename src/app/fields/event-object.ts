/**
 * The object of a protocol in events, made of plain values. Stage: app; called for events alone, so it allocates.
 * Bound: 8 KiB, whole members.
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
    const text = `${JSON.stringify(member)}:${typeof value === 'bigint' ? String(value) : JSON.stringify(value)}`;
    if (text.length > left) continue;
    left -= text.length + 1;
    printed.push(text);
  }
  return `"${name}":{${printed.join(',')}}`;
}
