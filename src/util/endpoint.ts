/** `ADDRESS:PORT` and `[IPV6]:PORT`, as settings and flags write them. */

/** Takes a text that was validated as an endpoint apart; brackets of an IPv6 address are taken off. */
export function parseEndpoint(text: string): { address: string; port: number } {
  const at = text.lastIndexOf(':');
  return { address: text.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(at + 1)) };
}
