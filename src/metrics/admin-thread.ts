/** The admin port's thread: HTTP here, what is asked for from the main thread. Stage: metrics. */
import { parentPort, workerData } from 'node:worker_threads';
import { AdminRefusals } from './admin-refusals.js';
import { ADMIN_LIMITS, AdminServer, type AdminAnswer, type AdminQuestion, type Identity } from './admin-server.js';

export interface AdminTask {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly refusals: SharedArrayBuffer;
  /** '' for none. */
  readonly token: string;
  /** Undefined for no TLS. */
  readonly identity: Identity | undefined;
}

export type AdminMessage =
  | { readonly kind: 'bound'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'ask'; readonly path: AdminQuestion };

/** From the main thread: an answer, or another identity. */
export interface AdminReply {
  readonly path: AdminQuestion;
  readonly answer: AdminAnswer;
}

const { host, port, connections, refusals, token, identity } = workerData as AdminTask;
const main = parentPort!;
/** One question of each kind at a time, says the server. */
const waiting = new Map<AdminQuestion, (answer: AdminAnswer) => void>();

const tell = (message: AdminMessage): void => main.postMessage(message);

const server = new AdminServer(
  (path) =>
    new Promise((resolve) => {
      waiting.set(path, resolve);
      tell({ kind: 'ask', path });
    }),
  new AdminRefusals(refusals),
  { ...ADMIN_LIMITS, connections },
  token,
  identity,
);

main.on('message', (message: AdminReply | Identity) => {
  if ('cert' in message) return server.identify(message);
  const { path, answer } = message;
  waiting.get(path)?.(answer);
  waiting.delete(path);
});

server.listen(host, port).then(
  (bound) => tell({ kind: 'bound', port: bound }),
  (error: Error) => {
    tell({ kind: 'failed', message: error.message });
    main.close();
  },
);
