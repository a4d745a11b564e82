/** Conversations of FTP, as servers and clients have them. */
import type { Said } from '../support/parser-suite.js';

const begun = (...more: Said): Said => [['>', 'USER anon\r\n'], ['<', '331 ok\r\n'], ...more];

export const CONVERSATIONS: Readonly<Record<string, Said>> = {
  login: begun(
    ['>', 'PASS x\r\n'],
    ['<', '230-multi\r\n second line\r\n230 done\r\n'],
    ['>', 'QUIT\r\n'],
    ['<', '221 bye\r\n'],
  ),
  greeting: [['<', '220 (x)\r\n'], ...begun()],
  'small letters': begun(['>', 'pass  anon \r\n'], ['<', '230 ok\r\n'], ['>', 'noop \r\n'], ['<', '200 fine\r\n']),
  'lines that end with LF': [
    ['>', 'USER anon\n'],
    ['<', '331 ok\n'],
    ['>', 'PASS \n'],
    ['<', '230 ok\n'],
  ],
  PORT: begun(
    ['>', 'PORT 10,8,0,5,4,0\r\n'],
    ['<', '200 ok\r\n'],
    ['>', 'RETR a.txt\r\n'],
    ['<', '150 opening\r\n226 done\r\n'],
  ),
  EPRT: begun(
    ['>', 'EPRT |1|10.8.0.6|1024|\r\n'],
    ['<', '200 ok\r\n'],
    ['>', 'STOR a.txt\r\n'],
    ['<', '150 opening\r\n'],
    ['<', '226 done\r\n'],
    ['>', 'EPRT |2|2001:db8::1|1025|\r\n'],
    ['<', '200 ok\r\n'],
  ),
  PASV: begun(
    ['>', 'PASV\r\n'],
    ['<', '227 Entering Passive Mode (10,9,0,1,4,0)\r\n'],
    ['>', 'RETR a.txt\r\n'],
    ['<', '150 opening\r\n'],
    ['<', '226 done\r\n'],
  ),
  EPSV: begun(
    ['>', 'EPSV\r\n'],
    ['<', '229 Entering (|||1024|)\r\n'],
    ['>', 'APPE a.txt\r\n'],
    ['<', '150 ok\r\n226 done\r\n'],
  ),
  'commands one after the other': begun(
    ['>', 'PASS x\r\nSYST\r\nNOOP\r\n'],
    ['<', '230 in\r\n'],
    ['<', '215 UNIX\r\n'],
    ['<', '200 ok\r\n'],
  ),
  'a transfer without a port': begun(['>', 'RETR a.txt\r\n'], ['<', '425 no\r\n']),
  'no reply': begun(['>', 'PASS x\r\n']),
  'a long line': begun(['>', `PASS ${'a'.repeat(5000)}\r\n`], ['<', `230 ${'b'.repeat(5000)}\r\n`]),
  'odd replies': begun(['>', 'PASS x\r\n'], ['<', 'hello you\r\n'], ['>', 'SYST\r\n'], ['<', '2156 x\r\n']),
  'replies of several lines to commands one after the other': begun(
    ['>', 'FEAT\r\nHELP\r\n'],
    ['<', '211-Features\r\n MDTM\r\n220 not the end\r\n211 End\r\n214-Help\r\n214 ok\r\n'],
  ),
};
