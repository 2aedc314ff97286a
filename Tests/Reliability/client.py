"""One HTTP/1.1 connection, kept where the server keeps it; asyncio's streams."""

import asyncio
import json
import urllib.parse


class Answer:
    def __init__(self, status, body):
        self.status, self.body = status, body

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Client:
    def __init__(self, port):
        self.port, self.reader, self.writer = port, None, None

    def close(self):
        if self.writer is not None:
            self.writer.close()
            self.reader = self.writer = None

    async def call(self, method, path, fields=None, token=None):
        """The answer, or None when there is none: the connection failed or was cut."""
        text = urllib.parse.urlencode(fields or {})
        head, body = f"{method} {path}", ""
        if method == "GET":
            head += f"?{text}" if text else ""
        else:
            body = text
        head += " HTTP/1.1\r\nHost: localhost\r\n"
        if token:
            head += f"Authorization: {token}\r\n"
        if method == "POST":
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        try:
            if self.writer is None or self.writer.is_closing():
                self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
            self.writer.write((head + "\r\n" + body).encode())
            return await self.read()
        except (OSError, asyncio.IncompleteReadError, ValueError):
            self.close()
            return None
        except BaseException:
            # Cancelled: whatever comes later on this connection is for nobody.
            self.close()
            raise

    async def read(self):
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if fields.get("transfer-encoding") == "chunked":
            body = b""
            while True:
                size = int(await self.reader.readuntil(b"\r\n"), 16)
                body += (await self.reader.readexactly(size + 2))[:size]
                if size == 0:
                    break
        else:
            body = await self.reader.readexactly(int(fields.get("content-length", 0)))
        if fields.get("connection") == "close":
            self.close()
        return Answer(status, body)
