"""As much of NATS' text protocol as a worker needs: no TLS, no headers. What is sent while the server is away is lost."""
import asyncio, json, time
from urllib.parse import urlsplit

SILENCE_S = 6


class Nats:
    """Reads `nats://HOST:PORT`, `nats://TOKEN@…` or `nats://USER:PASSWORD@…`; `take` gets every payload."""

    def __init__(self, url, name, subjects, take):
        self.at, self.take, self.writer, self.read_at, self.max_payload = urlsplit(url), take, None, 0, 0
        user, password = self.at.username, self.at.password
        login = {"auth_token": user} if password is None else {"user": user, "pass": password}
        options = {"name": name, "lang": "python", "version": "1", "verbose": False, "pedantic": False}
        subscribe = "".join(f"SUB {subject} {number}\r\n" for number, subject in enumerate(subjects, 1))
        self.hello = f"CONNECT {json.dumps({**options, **(login if user else {})})}\r\n{subscribe}".encode()

    async def run(self):
        while True:
            try:
                await self.session(*await asyncio.open_connection(self.at.hostname, self.at.port or 4222))
            except (OSError, ValueError, asyncio.IncompleteReadError) as error:
                print(f"NATS: {error!r}", flush=True)
            self.writer = None
            await asyncio.sleep(0.5)

    async def session(self, reader, writer):
        try:
            self.max_payload = json.loads((await reader.readline())[len("INFO ") :])["max_payload"]
            writer.write(self.hello)
            self.writer, self.read_at = writer, time.monotonic()
            while line := await reader.readline():
                self.read_at = time.monotonic()
                if line.startswith(b"MSG "):
                    self.take((await reader.readexactly(int(line.split()[-1]) + 2))[:-2])
                elif line.startswith(b"PING"):
                    writer.write(b"PONG\r\n")
                elif line.startswith(b"-ERR"):
                    print(f"NATS: {line.decode().strip()}", flush=True)
        finally:
            writer.close()

    def publish(self, subject, payload):
        if self.writer:
            self.writer.write(b"PUB %s %d\r\n%s\r\n" % (subject.encode(), len(payload), payload))

    def check(self):
        """Asks whether the server is there, and leaves one that says nothing."""
        if self.writer and time.monotonic() - self.read_at > SILENCE_S:
            self.writer.transport.abort()
        elif self.writer:
            self.writer.write(b"PING\r\n")

    async def flush(self):
        if self.writer:
            await self.writer.drain()
