/** Mirrored traffic, sound and with something wrong in it. */
import { framesOf, type Conversation } from '../../support/conversation.js';
import { ethernet, ipv4, udp, vxlan } from '../../support/packet-builder.js';

const VNI = 7;

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** A datagram of a mirrored host. */
export function message(text: string, host = 1, vni = VNI): Uint8Array {
  const ends = { src: `10.0.0.${host}`, dst: '10.0.1.1' };
  return vxlan({ vni }, ethernet({}, ipv4(ends, udp({ srcPort: 1000, dstPort: 5300 }, text))));
}

/** A TCP connection, another one for each `host`. */
const connection = (host: number, conversation: Partial<Conversation> = {}): Uint8Array[] =>
  framesOf({ host, serverPort: 9000, said: times(6, (i) => ['>', `${i}`.repeat(800)]), ...conversation }).map(
    ({ bytes }) => vxlan({ vni: VNI }, bytes),
  );

/** Packets of a connection before its second segment: a handshake, a segment, its acknowledgement. */
const BEFORE_SECOND_SEGMENT = 5;

/** An alert, some other packets, and a connection that is seen whole. */
export const sound = (tick: number): Uint8Array[] => [
  message('needle'),
  ...times(10, () => message('hay')),
  ...connection(tick),
];

/** A connection of which the data, of most packets, comes twice. */
function twice(host: number): Uint8Array[] {
  const frames = connection(host, { said: times(80, () => ['>', 'once']) });
  const [, , acknowledgement] = frames;
  return frames.flatMap((frame) => (frame.length > acknowledgement!.length ? [frame, frame] : [frame]));
}

/** A tick of a mirror with everything wrong that a mirror can do. */
export const troubled = (tick: number): Uint8Array[] => [
  message('needle'),
  ...twice(tick * 3),
  ...connection(tick * 3 + 1, { only: '>' }),
  ...connection(tick * 3 + 2).toSpliced(BEFORE_SECOND_SEGMENT, 1),
  ...times(8, () => message('hay'.repeat(20)).slice(0, -40)),
  ...times(30, () => Uint8Array.of(1)),
];
