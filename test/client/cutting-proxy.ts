// Passes connections on to a server, and cuts each of them after so many bytes of its answers.
import { connect, createServer, type Server, type Socket } from "node:net";

export class CuttingProxy implements AsyncDisposable {
  cuts = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(target: URL, bytesOf: () => number) {
    this.server = createServer((client) => {
      const upstream = connect(Number(target.port), target.hostname);
      let left = bytesOf();
      for (const socket of [client, upstream]) {
        this.sockets.add(socket);
        socket.on("error", () => undefined).on("close", () => this.sockets.delete(socket));
      }
      client.on("data", (chunk) => upstream.write(chunk)).on("close", () => upstream.destroy());
      upstream.on("close", () => client.destroy());
      upstream.on("data", (chunk: Buffer) => {
        client.write(chunk.subarray(0, left));
        left -= chunk.length;
        if (left > 0) return;
        this.cuts++;
        client.end();
        upstream.destroy();
      });
    });
  }

  /** `bytesOf`: how many bytes the next connection may bring. */
  static async open(target: string, bytesOf: () => number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(new URL(target), bytesOf);
    await new Promise<void>((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
