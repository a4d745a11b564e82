/** benign.pcap: an ordinary minute: browsing, TLS, SSH, mail, a database, lookups, time, pings. Raises no alert. */
import { DNS_TYPE, dnsQuery, dnsResponse, httpRequest, httpResponse } from '../application-messages.js';
import { arp, concat, ethernet, u16 } from '../packet-builder.js';
import { Recording } from '../recording.js';
import { CUSTOMER, DATABASE, noise, RESOLVER, WEB, WORKSTATION } from './actors.js';

const PAGE = `<html><head><title>Shop</title></head><body>${'<p>Tea, coffee and cups. Union members select their own price.</p>'.repeat(60)}</body></html>`;
const TARGETS = [
  '/',
  '/search?q=tea%20or%20coffee',
  '/static/../css/site.css',
  '/item?id=1001&colour=red',
  '/blog/why-etc-passwd-is-world-readable',
  '/api.php?cmd=list',
  '/img/photo.jpg',
  '/.well-known/security.txt',
];

/** A TLS record: type, version, length, bytes that nobody can read. */
const tlsRecord = (type: number, length: number, seed: number): Uint8Array =>
  concat([type, 3, 3], u16(length), noise(length, seed));

function lookups(recording: Recording): void {
  ['www.shop.example', 'cdn.shop.example', 'mail.shop.example', 'time.example', '_dmarc.shop.example'].forEach(
    (name, i) => {
      const type = name.startsWith('_') ? DNS_TYPE.txt : DNS_TYPE.a;
      const data = type === DNS_TYPE.txt ? concat([16], 'v=DMARC1; p=none') : [192, 0, 2, 80 + i];
      recording.udp(`${WORKSTATION}:${47000 + i}`, `${RESOLVER}:53`, dnsQuery(name, { id: 500 + i, type })).wait(9);
      recording
        .udp(`${RESOLVER}:53`, `${WORKSTATION}:${47000 + i}`, dnsResponse(name, data, { id: 500 + i, type }))
        .wait(4);
    },
  );
}

function browsing(recording: Recording): void {
  const kept = recording.tcp(`${CUSTOMER}:52311`, `${WEB}:80`).open();
  TARGETS.forEach((target, i) => {
    const body = target.endsWith('.jpg')
      ? Buffer.from(noise(9000, 77)).toString('latin1')
      : PAGE.slice(0, 1200 + 300 * i);
    kept.client(httpRequest(`GET ${target}`)).server(httpResponse('200 OK', body));
    recording.wait(350);
  });
  kept
    .client(
      httpRequest('POST /contact', { body: 'name=Anna&text=How+do+I+write+../../x+or+union+select+in+a+form%3F' }),
    )
    .server(httpResponse('303 See Other', ''));
  kept.close();
}

function encrypted(recording: Recording, client: string, server: string, seed: number): void {
  const session = recording.tcp(client, server).open();
  session
    .client(tlsRecord(22, 517, seed))
    .server(tlsRecord(22, 2600, seed + 1))
    .client(tlsRecord(20, 1, seed + 2));
  for (let i = 0; i < 4; i++) {
    recording.wait(120);
    session.client(tlsRecord(23, 240, seed + 3 + i)).server(tlsRecord(23, 1800, seed + 10 + i));
  }
  session.close();
}

function secureShell(recording: Recording): void {
  const session = recording.tcp(`${WORKSTATION}:42822`, `${WEB}:22`).open();
  session.server('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n').client('SSH-2.0-OpenSSH_9.6\r\n');
  for (let i = 0; i < 6; i++) session.client(noise(84, 600 + i)).server(noise(148, 700 + i));
  session.close();
}

function mail(recording: Recording): void {
  const session = recording.tcp(`${WEB}:41025`, '192.0.2.25:25').open();
  session
    .server('220 mail.example ESMTP\r\n')
    .client('EHLO shop.example\r\n')
    .server('250-mail.example\r\n250 STARTTLS\r\n');
  session
    .client('STARTTLS\r\n')
    .server('220 go ahead\r\n')
    .client(tlsRecord(22, 300, 31))
    .server(tlsRecord(22, 1500, 32))
    .close();
}

function database(recording: Recording): void {
  const session = recording.tcp(`${WEB}:45432`, `${DATABASE}:5432`).open();
  const query = 'SELECT name, price FROM items WHERE id = $1 ORDER BY price\0';
  session
    .client(concat('Q', [0, 0], u16(query.length + 4), query))
    .server(concat('T', noise(400, 41)))
    .close();
}

function housekeeping(recording: Recording): void {
  recording.add(ethernet({ padTo: 60, dst: 'ff:ff:ff:ff:ff:ff' }, arp()));
  for (let seq = 1; seq <= 4; seq++) {
    recording.icmp(WORKSTATION, WEB, { type: 8, id: 0x77, seq }, 'abcdefghijklmnopqrstuvwabcdefghi');
    recording.icmp(WEB, WORKSTATION, { type: 0, id: 0x77, seq }, 'abcdefghijklmnopqrstuvwabcdefghi').wait(1000);
  }
  recording.udp(`${WEB}:123`, '192.0.2.123:123', concat([0x23, 0, 6, 0xec], noise(44, 51))).wait(14);
  recording.udp('192.0.2.123:123', `${WEB}:123`, concat([0x24, 1, 6, 0xec], noise(44, 52)));
}

export function benign(): Recording {
  const recording = new Recording();
  lookups(recording);
  browsing(recording);
  encrypted(recording, `${CUSTOMER}:52400`, `${WEB}:443`, 1000);
  encrypted(recording, `${WORKSTATION}:52401`, '192.0.2.80:443', 2000);
  secureShell(recording);
  mail(recording);
  database(recording);
  housekeeping(recording);
  return recording;
}
