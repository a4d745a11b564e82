/** scan.pcap: ports, flags, operating system and services of a host looked at with the usual tools. */
import { httpRequest, httpResponse } from '../application-messages.js';
import { TCP_FLAG, udp } from '../packet-builder.js';
import { Recording } from '../recording.js';
import { ATTACKER, WEB } from './actors.js';

const { fin, syn, rst, psh, ack, urg } = TCP_FLAG;
const OPEN_PORTS = [22, 80, 443];
const FROM = `${ATTACKER}:61234`;

/** One probe of a SYN scan with its answer. */
function probe(recording: Recording, port: number): void {
  const target = `${WEB}:${port}`;
  const seq = 0x5a5a0000;
  recording.segment(FROM, target, { flags: syn, seq, ack: 0, window: 1024, options: [2, 4, 5, 0xb4] }, { flags: 0 });
  if (OPEN_PORTS.includes(port)) {
    recording.segment(target, FROM, {
      flags: syn | ack,
      seq: 0x1000 + port,
      ack: seq + 1,
      window: 65160,
      options: [2, 4, 5, 0xb4],
    });
    recording.segment(FROM, target, { flags: rst, seq: seq + 1, ack: 0, window: 0 }, { flags: 0 });
  } else {
    recording.segment(target, FROM, { flags: rst | ack, seq: 0, ack: seq + 1, window: 0 });
  }
}

function oddFlags(recording: Recording, flags: number): void {
  for (let port = 20; port < 26; port++)
    recording.segment(FROM, `${WEB}:${port}`, { flags, ack: 0, window: 1024 }, { flags: 0 }).wait(20);
}

function operatingSystemDetection(recording: Recording): void {
  recording.segment(FROM, `${WEB}:80`, { flags: syn | fin | psh | urg, ack: 0, window: 256 });
  recording.icmp(ATTACKER, WEB, { type: 8, code: 9, id: 0x7a1, seq: 295 }, new Uint8Array(120), { flags: 2 });
  recording.icmp(WEB, ATTACKER, { type: 0, code: 0, id: 0x7a1, seq: 295 }, new Uint8Array(120));
  const u1 = udp({ srcPort: 61234, dstPort: 40125 }, 'C'.repeat(300));
  recording.ip(FROM, WEB, u1, { id: 0x1042, flags: 0 });
  recording.icmp(WEB, ATTACKER, { type: 3, code: 3, id: 0, seq: 0 }, u1.subarray(0, 28));
}

function visit(recording: Recording, port: number, request: string): void {
  recording
    .tcp(`${ATTACKER}:${port}`, `${WEB}:80`)
    .open()
    .client(request)
    .server(httpResponse('404 Not Found', 'no'))
    .close();
  recording.wait(300);
}

export function scan(): Recording {
  const recording = new Recording();
  for (let i = 0; i < 25; i++)
    recording.icmp(ATTACKER, `10.0.1.${i + 1}`, { type: 8, id: 0x33, seq: i }, 'abcdefghijklmnop').wait(30);
  recording.icmp(WEB, ATTACKER, { type: 0, id: 0x33, seq: 19 }, 'abcdefghijklmnop');
  for (let i = 0; i < 60; i++) {
    probe(recording, i === 59 ? 443 : 20 + i * 2);
    recording.wait(15);
  }
  for (let i = 0; i < 24; i++)
    recording
      .segment(
        `${ATTACKER}:50111`,
        `10.0.1.${i + 1}:3389`,
        { flags: syn, ack: 0, window: 65535 },
        { id: 54321, flags: 0 },
      )
      .wait(20);
  oddFlags(recording, fin);
  oddFlags(recording, 0);
  oddFlags(recording, fin | psh | urg);
  operatingSystemDetection(recording);
  visit(recording, 52001, 'GET /nice%20ports%2C/Tri%6Eity.txt%2ebak HTTP/1.0\r\n\r\n');
  visit(
    recording,
    52002,
    httpRequest('GET /', {
      headers: { 'User-Agent': 'Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)' },
    }),
  );
  visit(recording, 52003, httpRequest('GET /', { headers: { 'User-Agent': 'Mozilla/5.0 zgrab/0.x' } }));
  visit(
    recording,
    52004,
    httpRequest('GET /', { headers: { 'User-Agent': 'sqlmap/1.8.4#stable (https://sqlmap.org)' } }),
  );
  return recording.udp(`${ATTACKER}:40000`, `${WEB}:123`, [0x17, 0, 3, 0x2a, 0, 0, 0, 0]);
}
