/**
 * What rules look at in calls of DCE/RPC, over connections, datagrams and the pipes of SMB. Stage: app; names and
 * shapes alone. Reference: Suricata, DCERPC keywords; Snort, dce_iface, dce_opnum, dce_stub_data.
 */
import type { ApplicationName } from '../applications.js';
import type { BufferSpec } from '../buffer-spec.js';

const MESSAGE = 1;
const CARRIERS: readonly ApplicationName[] = ['dcerpc', 'smb'];
/** Their keywords take values of their own (rule/options/dcerpc.ts). */
const OWN_KEYWORD = { keyword: '', applications: CARRIERS, scope: 'tx', toServer: MESSAGE, toClient: MESSAGE } as const;

/**
 * An instance of `dcerpc.iface`: the UUID as it is written, the version, and 1 where the call's first fragment was
 * seen.
 */
export const INTERFACE = { version: 16, first: 18, bytes: 19 } as const;

export const DCERPC_BUFFERS: readonly BufferSpec[] = [
  {
    name: 'dcerpc.stub_data',
    aliases: ['dce_stub_data'],
    what: 'the arguments of a call, or what comes of it: all fragments, without what authenticates them',
    applications: CARRIERS,
    scope: 'tx',
    kind: 'single',
    toServer: MESSAGE,
    toClient: MESSAGE,
  },
  {
    ...OWN_KEYWORD,
    name: 'dcerpc.iface',
    what: 'the interface that is called',
    kind: 'multi',
    longest: INTERFACE.bytes,
  },
  { ...OWN_KEYWORD, name: 'dcerpc.opnum', what: 'the number of the call', kind: 'number' },
];
