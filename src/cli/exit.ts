/** Exit statuses, the same for every command, and the error that carries one. */

export const EXIT = {
  done: 0,
  /** `check`: a rule failed; `read --strict`: likewise; `read`: a capture could not be read, or not to its end. */
  findings: 1,
  /** Usage or configuration. */
  usage: 2,
  /** Could not run; `read`: nothing could be inspected. */
  failed: 3,
} as const;

/** Ends a command with a message for the user, who needs no stack trace. */
export class CommandError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
