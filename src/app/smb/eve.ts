/**
 * The `smb` object of events, with the members that Suricata 8 prints. Stage: app; called for events alone, so it
 * allocates. Bound: 8 KiB.
 */
import { TYPE, typeName } from '../dcerpc/type-names.js';
import type { RpcTransaction } from '../dcerpc/rpc-transaction.js';
import { eventObject, type EventMembers } from '../fields/event-object.js';
import type { FieldTable } from '../fields/field-table.js';
import { controlName } from './control-names.js';
import { commandName, dialectName, dispositionName, dosErrorName, shareTypeName, statusName } from './names.js';

const NO_GUID = '00000000-0000-0000-0000-000000000000';

/** What is printed. */
export type PrintedMessage = RpcTransaction & {
  readonly version: number;
  readonly command: number;
  readonly sessionHigh: number;
  readonly sessionLow: number;
  readonly treeId: number;
  readonly status: number;
  readonly dialect: number | string;
  readonly channel: unknown;
  readonly file: unknown;
};

export function smbObject(tx: PrintedMessage, fields: FieldTable): string {
  return eventObject('smb', {
    id: tx.id + 1,
    dialect: typeof tx.dialect === 'string' ? tx.dialect : dialectName(tx.dialect),
    command: commandName(tx.version, tx.command),
    ...statusOf(tx, fields),
    session_id: (BigInt(tx.sessionHigh) << 32n) | BigInt(tx.sessionLow),
    tree_id: tx.treeId,
    ...new Members(tx, fields).all(),
    ...(tx.channel === null ? {} : { dcerpc: callOf(tx) }),
  });
}

class Members {
  private readonly tx: PrintedMessage;
  private readonly fields: FieldTable;

  constructor(tx: PrintedMessage, fields: FieldTable) {
    this.tx = tx;
    this.fields = fields;
  }

  all(): EventMembers {
    return {
      ...this.negotiation(),
      ...this.session(),
      ...this.tree(),
      ...this.control(),
      ...this.file(),
      ...this.data(),
    };
  }

  private text(name: string): string | undefined {
    return this.tx.textOf(this.fields.of(name));
  }

  private number(name: string): number | undefined {
    return this.tx.numberOf(this.fields.of(name));
  }

  private guid(name: string): string | undefined {
    const bytes = this.tx.bytesOf(this.fields.of(name));
    return bytes && printedGuid(bytes);
  }

  private negotiation(): EventMembers {
    const dialects = this.tx.allOf(this.fields.of('client_dialect'));
    if (dialects.length === 0) return {};
    return {
      client_dialects: dialects.map((dialect) => (typeof dialect === 'number' ? dialectName(dialect) : dialect)),
      client_guid: this.guid('client_guid'),
      server_guid: this.guid('server_guid') ?? NO_GUID,
      max_read_size: this.number('max_read_size'),
      max_write_size: this.number('max_write_size'),
    };
  }

  private session(): EventMembers {
    const [user, host] = [this.text('smb.ntlmssp_user'), this.text('host')];
    const realm = this.text('realm');
    const [os, answered] = [this.text('request_os'), this.text('response_os')];
    return {
      ntlmssp:
        user === undefined && host === undefined
          ? undefined
          : {
              domain: this.text('smb.ntlmssp_domain') ?? '',
              user: user ?? '',
              host: host ?? '',
              version: this.text('ntlm_version'),
            },
      kerberos: realm === undefined ? undefined : { realm, snames: this.tx.allOf(this.fields.of('server_name')) },
      request: os === undefined ? undefined : { native_os: os, native_lm: this.text('request_lm') ?? '' },
      response: answered === undefined ? undefined : { native_os: answered, native_lm: this.text('response_lm') ?? '' },
    };
  }

  private tree(): EventMembers {
    const [share, pipe] = [this.text('smb.share'), this.text('smb.named_pipe')];
    if (share === undefined && pipe === undefined) return {};
    return {
      named_pipe: pipe,
      share,
      ...(this.tx.version === 1
        ? { service: { request: this.text('request_service'), response: this.text('response_service') } }
        : { share_type: shareTypeName(this.number('share_type') ?? 0) }),
    };
  }

  private control(): EventMembers {
    const code = this.number('control');
    return code === undefined ? {} : { function: controlName(code) };
  }

  private file(): EventMembers {
    const name = this.text('filename');
    const disposition = this.number('disposition');
    if (disposition === undefined) return {};
    return {
      [this.number('is_directory') === 1 && name !== '' ? 'directory' : 'filename']: name || '<share_root>',
      disposition: dispositionName(disposition),
      access: this.number('delete_on_close') === 1 ? 'delete on close' : 'normal',
      created: this.number('created') ?? 0,
      accessed: this.number('accessed') ?? 0,
      modified: this.number('modified') ?? 0,
      changed: this.number('changed') ?? 0,
      size: this.number('size') ?? 0,
      fuid: this.fileId(),
    };
  }

  /** What is written or read. */
  private data(): EventMembers {
    if (this.tx.file === null) return {};
    return { filename: this.text('filename') ?? '', share: this.text('share_of_file') ?? '', fuid: this.fileId() };
  }

  private fileId(): string {
    const bytes = this.tx.bytesOf(this.fields.of('fuid'));
    if (bytes === undefined) return '';
    return bytes.length === 16 ? printedGuid(bytes) : Buffer.from(bytes).reverse().toString('hex');
  }
}

function statusOf(tx: PrintedMessage, fields: FieldTable): EventMembers {
  if (tx.status < 0) return {};
  if (!tx.has(fields.of('is_dos_error'))) return { status: statusName(tx.status), status_code: `0x${hex(tx.status)}` };
  // | class | 0 | code (2) |
  const code = tx.status >>> 16;
  return { status: dosErrorName(tx.status & 0xff, code), status_code: `0x${hex(code).padStart(4, '0')}` };
}

const hex = (value: number): string => value.toString(16);

/** As Suricata prints them: the second half in the order of words, too. */
function printedGuid(bytes: Uint8Array): string {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 9, 8, 11, 10, 15, 14, 13, 12];
  const hex = order.map((place) => (bytes[place] ?? 0).toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function callOf(tx: PrintedMessage): EventMembers {
  const isCall = tx.requestType === TYPE.request;
  const interfaces = tx.interfaces();
  return {
    request: tx.isRequestSeen ? typeName(tx.requestType) : 'REQUEST_LOST',
    response: tx.isResponseSeen ? typeName(tx.responseType) : 'UNREPLIED',
    opnum: isCall ? tx.opnum : undefined,
    req: isCall ? { frag_cnt: tx.fragments[0], stub_data_size: tx.stubBytes(0) } : undefined,
    interfaces:
      interfaces.length === 0
        ? undefined
        : interfaces.map(({ uuid, version, ack_result, ack_reason }) =>
            isCall ? { uuid, version } : { uuid, version, ack_result, ack_reason: ack_reason && 0 },
          ),
    res: tx.responseType === TYPE.response ? { frag_cnt: tx.fragments[1], stub_data_size: tx.stubBytes(1) } : undefined,
    call_id: tx.callId,
  };
}
