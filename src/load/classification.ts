/**
 * classification.config: classes of rules with a description and a priority. Stage: load.
 *
 *   config classification: attempted-recon,Attempted Information Leak,2
 *
 * Built in are the classes that ET Open, Suricata and Snort ship; a file adds to them and overrides. Names are compared
 * without case: the table has them in lower case.
 */
import type { Diagnostics } from '../rule/diagnostics/diagnostic.js';
import { configLines } from './data-lines.js';

export interface Classification {
  readonly description: string;
  readonly priority: number;
}

export type Classifications = ReadonlyMap<string, Classification>;

const DEFAULTS = `
not-suspicious,Not Suspicious Traffic,3
unknown,Unknown Traffic,3
bad-unknown,Potentially Bad Traffic,2
attempted-recon,Attempted Information Leak,2
successful-recon-limited,Information Leak,2
successful-recon-largescale,Large Scale Information Leak,2
attempted-dos,Attempted Denial of Service,2
successful-dos,Denial of Service,2
attempted-user,Attempted User Privilege Gain,1
unsuccessful-user,Unsuccessful User Privilege Gain,1
successful-user,Successful User Privilege Gain,1
attempted-admin,Attempted Administrator Privilege Gain,1
successful-admin,Successful Administrator Privilege Gain,1
rpc-portmap-decode,Decode of an RPC Query,2
shellcode-detect,Executable code was detected,1
string-detect,A suspicious string was detected,3
suspicious-filename-detect,A suspicious filename was detected,2
suspicious-login,An attempted login using a suspicious username was detected,2
system-call-detect,A system call was detected,2
tcp-connection,A TCP connection was detected,4
trojan-activity,A Network Trojan was detected,1
unusual-client-port-connection,A client was using an unusual port,2
network-scan,Detection of a Network Scan,3
denial-of-service,Detection of a Denial of Service Attack,2
non-standard-protocol,Detection of a non-standard protocol or event,2
protocol-command-decode,Generic Protocol Command Decode,3
web-application-activity,access to a potentially vulnerable web application,2
web-application-attack,Web Application Attack,1
misc-activity,Misc activity,3
misc-attack,Misc Attack,2
icmp-event,Generic ICMP event,3
inappropriate-content,Inappropriate Content was Detected,1
policy-violation,Potential Corporate Privacy Violation,1
default-login-attempt,Attempt to login by a default username and password,2
sdf,Sensitive Data was Transmitted Across the Network,2
file-format,Known malicious file or file based exploit,1
malware-cnc,Known malware command and control traffic,1
client-side-exploit,Known client side exploit attempt,1
targeted-activity,Targeted Malicious Activity was Detected,1
exploit-kit,Exploit Kit Activity Detected,1
external-ip-check,Device Retrieving External IP Address Detected,2
domain-c2,Domain Observed Used for C2 Detected,1
pup-activity,Possibly Unwanted Program Detected,2
credential-theft,Successful Credential Theft Detected,1
social-engineering,Possible Social Engineering Attempted,2
coin-mining,Crypto Currency Mining Activity Detected,2
command-and-control,Malware Command and Control Activity Detected,1
`;

const START = /^config\s+classification\s*:\s*/;
const FORM = 'write config classification: <name>,<description>,<priority 1-255>';

export function defaultClassifications(): Map<string, Classification> {
  return new Map(
    DEFAULTS.trim()
      .split('\n')
      .map((line) => {
        const [name, description, priority] = line.split(',');
        return [name!, { description: description!, priority: Number(priority) }];
      }),
  );
}

/**
 * The defaults with those of a file over them; lines that are none are reported, their spans count from the text's
 * start.
 */
export function parseClassifications(text: string, diagnostics: Diagnostics): Classifications {
  const table = defaultClassifications();
  for (const {
    text: line,
    span: { start },
  } of configLines(text)) {
    const read = readClass(line);
    if ('name' in read) table.set(read.name.toLowerCase(), { description: read.description, priority: read.priority });
    else
      diagnostics.error(
        'bad-classification',
        read.message,
        { start: start + Math.min(read.at, line.length - 1), end: start + (read.end ?? line.length) },
        read.hint,
      );
  }
  return table;
}

interface Problem {
  readonly message: string;
  readonly hint: string;
  /** Within the line; to its end where none is given. */
  readonly at: number;
  readonly end?: number;
}

/** Descriptions may hold commas: the name ends at the first, the priority starts behind the last. */
function readClass(line: string): (Classification & { readonly name: string }) | Problem {
  const at = START.exec(line)?.[0].length;
  if (at === undefined) return { message: 'not a classification', hint: FORM, at: 0 };
  const [first, last] = [line.indexOf(',', at), line.lastIndexOf(',')];
  if (first < 0 || last === first)
    return { message: 'a class has a name, a description and a priority', hint: FORM, at };
  const name = line.slice(at, first).trim();
  if (name === '') return { message: 'the class has no name', hint: FORM, at, end: first + 1 };
  const written = line.slice(last + 1).trim();
  const priority = /^\d{1,3}$/.test(written) ? Number(written) : 0;
  if (priority >= 1 && priority <= 255) return { name, description: line.slice(first + 1, last).trim(), priority };
  return {
    message: `'${written}' is no priority`,
    hint: 'write a number from 1 to 255 behind the last comma, 1 for what is most severe',
    at: line.lastIndexOf(written),
  };
}
