"""A customer and an agent write to each other over a chat server's realtime websocket, with Python's own library only.

usage: conversation.py CHAT-URL ROOM CHAT-TOKEN AGENT-ID WORDS NAME:PASSWORD...

The customer writes WORDS and the agent answers. The agent is the one of the listed accounts whose user id is AGENT-ID. Ends with status 1 when a message does not arrive.
"""

import base64
import json
import os
import socket
import struct
import sys
import time
from urllib.parse import urlsplit

PATIENCE = 10  # seconds for each answer


class Realtime:
    """One websocket (RFC 6455) that speaks Rocket.Chat's realtime protocol."""

    def __init__(self, url):
        address = urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=PATIENCE)
        self.buffer = b""
        self.frames = []
        self.calls = 0
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /websocket HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        while b"\r\n\r\n" not in self.buffer:
            self._receive()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(f"no websocket: {head[:80]!r}")
        self.send(msg="connect", version="1", support=["1"])
        self.expect(lambda frame: frame.get("msg") == "connected")

    def _receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise RuntimeError("the chat server closed the connection")
        self.buffer += data

    def _take(self, count):
        while len(self.buffer) < count:
            self._receive()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def _frame(self, opcode, payload):
        # A client's frame: whole, masked.
        mask = os.urandom(4)
        head = bytes([0x80 | opcode])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        else:
            head += bytes([0x80 | 126]) + struct.pack(">H", len(payload))
        self.socket.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))

    def send(self, **fields):
        self._frame(1, json.dumps(fields).encode())

    def receive(self):
        """The next text frame as an object; pings are answered on the way."""
        while True:
            first, second = self._take(2)
            length = second & 0x7F
            if length == 126:
                (length,) = struct.unpack(">H", self._take(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", self._take(8))
            payload = self._take(length)
            opcode = first & 0x0F
            if opcode == 9:
                self._frame(10, payload)
            elif opcode == 1:
                frame = json.loads(payload)
                if frame.get("msg") == "ping":
                    self.send(msg="pong")
                else:
                    return frame
            elif opcode == 8:
                raise RuntimeError("the chat server closed the websocket")

    def expect(self, fits):
        """The first frame that fits, of those that came and those to come."""
        for index, frame in enumerate(self.frames):
            if fits(frame):
                return self.frames.pop(index)
        while not fits(frame := self.receive()):
            self.frames.append(frame)
        return frame

    def call(self, method, *parameters):
        self.calls += 1
        number = str(self.calls)
        self.send(msg="method", method=method, id=number, params=list(parameters))
        answer = self.expect(lambda frame: frame.get("msg") == "result" and frame.get("id") == number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer.get("result")

    def follow(self, room):
        self.send(msg="sub", id="room", name="stream-room-messages", params=[room, False])
        self.expect(lambda frame: frame.get("msg") == "ready" and "room" in frame.get("subs", []))

    def write(self, room, text):
        self.call("sendMessage", {"rid": room, "msg": text})

    def read(self, room, text):
        """Waits for a message with this text in this room; returns its author."""

        def messages(frame):
            fields = frame.get("fields", {})
            if frame.get("collection") != "stream-room-messages" or fields.get("eventName") != room:
                return []
            return [message for message in fields["args"] if message.get("msg") == text]

        return messages(self.expect(messages))[0]["u"]["username"]


def sign_in(url, agent_id, accounts):
    for account in accounts:
        name, password = account.split(":", 1)
        agent = Realtime(url)
        if agent.call("login", {"user": {"username": name}, "password": password})["id"] == agent_id:
            return agent, name
    raise RuntimeError(f"none of the agents is {agent_id}")


def main(url, room, token, agent_id, words, *accounts):
    customer = Realtime(url)
    customer.call("login", {"resume": token})
    agent, name = sign_in(url, agent_id, accounts)
    customer.follow(room)
    agent.follow(room)
    for writer, reader, said in [
        (customer, agent, words),
        (agent, customer, f"Good morning, this is {name}. I am looking into it."),
    ]:
        # People are slower; messages of one millisecond would be in the order of their ids.
        time.sleep(0.005)
        writer.write(room, said)
        print(f"{reader.read(room, said)}: {said}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (OSError, RuntimeError) as error:
        sys.exit(f"conversation: {error}")
