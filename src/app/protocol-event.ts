/**
 * What is told of messages that break the rules of their protocol. Stage: app; a shape alone. The list of a protocol is
 * in its folder: an event's number is its place there, 64 at most, and its name is that of keyword, counter and log.
 */
export interface ProtocolEvent {
  readonly name: string;
  readonly doc: string;
}

export const protocolEvent = <const Name extends string>(name: Name, doc: string) => ({ name, doc });
