/**
 * The description of a session in events, with the members that Suricata 8 prints. Stage: app; called for events alone,
 * so it allocates. Bounds: the 16 KiB that are kept of a body, MOST_MEDIA of it.
 */
import type { EventMembers } from '../fields/event-object.js';

const MOST_MEDIA = 32;
const LINE = /^([a-z])=(.+)$/;
/** Looked for at the first CR of many alone, so that no more than each byte is tried. */
const LINE_END = /(?<!\r)\r*\n/;

/** Some phones write two blanks between the formats of a medium. */
const BLANKS = / +/g;

type Lines = Readonly<Record<string, readonly string[]>>;

/** The lines of a body by their letters: of the session, and of each medium. */
function partsOf(body: string): readonly Lines[] {
  const parts: Record<string, string[]>[] = [{}];
  for (const line of body.split(LINE_END)) {
    const [, letter, value] = LINE.exec(line) ?? [];
    if (letter === undefined || value === undefined) continue;
    if (letter === 'm' && parts.length > MOST_MEDIA) break;
    if (letter === 'm') parts.push({});
    (parts.at(-1)![letter] ??= []).push(value);
  }
  return parts;
}

export function sdpMembers(body: string): EventMembers {
  const [session, ...media] = partsOf(body);
  const { v, o, s, i, u, e, p, c, b, t, r = [], z, k, a } = session!;
  return {
    // 0 is the only version there is.
    version: Number.parseInt(v?.[0] ?? '', 10) || undefined,
    origin: o?.[0],
    session_name: s?.[0],
    session_info: i?.[0],
    uri: u?.[0],
    email: e?.[0],
    phone_number: p?.[0],
    connection_data: c?.[0],
    bandwidths: b,
    time_descriptions: t?.map((time, index) => ({ time, repeat_time: r[index] })),
    timezone: z?.[0],
    encryption_key: k?.[0],
    attributes: a,
    media_descriptions: media.length === 0 ? undefined : media.map(mediumOf),
  };
}

const mediumOf = ({ m, i, b, c, k, a }: Lines): EventMembers => ({
  media: m?.[0]?.replace(BLANKS, ' '),
  media_info: i?.[0],
  bandwidths: b,
  connection_data: c?.[0],
  encryption_key: k?.[0],
  attributes: a,
});
