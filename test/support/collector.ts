import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What listens, and what each connection has brought. */
export class Collector {
  readonly server: Server;
  readonly received: string[] = [];
  readonly sockets: Socket[] = [];

  constructor(server: Server = createServer()) {
    this.server = server;
    server.on(
      server.listenerCount('secureConnection') === 0 && 'setSecureContext' in server
        ? 'secureConnection'
        : 'connection',
      (socket: Socket) => {
        const index = this.sockets.push(socket) - 1;
        this.received[index] = '';
        socket.on('error', () => undefined);
        socket.setEncoding('utf8').on('data', (text: string) => (this.received[index] += text));
      },
    );
  }

  async listen(where: number | string = 0): Promise<number> {
    if (typeof where === 'string') this.server.listen(where);
    else this.server.listen(where, '127.0.0.1');
    await once(this.server, 'listening');
    return typeof where === 'string' ? 0 : (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }

  get text(): string {
    return this.received.join('');
  }

  get lines(): readonly string[] {
    return this.text.split('\n').slice(0, -1);
  }
}
