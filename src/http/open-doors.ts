/** Open to other programs over TCP, until it is disposed of. */
export interface TcpDoor extends AsyncDisposable {
  readonly url: string;
}

/** Open to other programs of the same user, until it is disposed of. */
export interface LocalDoor extends AsyncDisposable {
  /** Absolute path of the socket. */
  readonly socket: string;
}
