"""Redis, a chat server and the daemon, on sockets of their own in a temporary folder."""

import base64
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

from . import tokens
from .process import wait_until

SEAL_KEY = base64.b64encode(b"benchmark-seal-key-of-32-bytes-0").decode()
DELAY = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tools", "delay.py")
AGENTS = 20
CAPACITY = 200


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tenant_id(number):
    return f"10000000-0000-4000-8000-{number:012x}"


def agent(number):
    return f"agent{number:012d}"


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)


def _configuration(folder, socket_path, redis_socket, chat_url, workers):
    return f"""\
listen: {socket_path}
workers: {workers}
redis: {{url: "unix://{redis_socket}"}}
chat:
  url: {chat_url}
  base: https://chat.example.com
  username: gateway
  password_file: {folder}/chat.password
  create_token_secret_file: {folder}/create.secret
tokens: {{key_file: {folder}/token.key}}
seal_key_file: {folder}/seal.key
tenants: {folder}/tenants.d
limits: {{client_connect_per_ip: 1000000/s, client_connect_per_tenant: 1000000/s}}
"""


def _tenant(number):
    agents = "\n".join(
        f"      - {{username: {agent(n)}, capacity: {CAPACITY}}}" for n in range(AGENTS))
    return f"""\
id: {tenant_id(number)}
name: Tenant {number}
secret_key: 3WsQAyIVHG7mQAHwURktAkLPMy622Has
departments:
  - id: 20000000-0000-4000-8000-{number:012x}
    name: service
    default: true
    agents:
{agents}
"""


class World:
    """Started by the constructor, piece by piece; stopped with the processes that it was given."""

    def __init__(self, processes, programs, folder, tenants=1, workers=0, chat="standin",
                 redis_latency=None):
        self.processes, self.programs, self.folder = processes, programs, folder
        os.makedirs(os.path.join(folder, "tenants.d"))
        self.redis_socket = os.path.join(folder, "redis.sock")
        self.socket = os.path.join(folder, "fcgi.sock")
        self.tenants = tenants
        for name, text in {"chat.password": "gateway", "create.secret": "secret", "token.key": tokens.KEY + "\n",
                           "seal.key": SEAL_KEY + "\n"}.items():
            _write(os.path.join(folder, name), text)
        for number in range(tenants):
            _write(os.path.join(folder, "tenants.d", f"tenant{number}.yaml"), _tenant(number))
        self.redis = processes.start(
            "redis-server", ["redis-server", "--port", "0", "--unixsocket", self.redis_socket,
                             "--unixsocketperm", "777", "--save", "", "--appendonly", "no",
                             "--maxclients", "4096"], folder)
        wait_until(lambda: os.path.exists(self.redis_socket), "redis-server")
        self.redis_cli("SET", f"cg:revoked:{tokens.REVOKED}", "1")
        daemons_redis = self.redis_socket if redis_latency is None else self._start_delay(redis_latency)
        self.chat = self._start_chat(chat)
        with open(os.path.join(folder, "chat.port")) as file:
            self.chat_port = int(file.read())
        _write(os.path.join(folder, "customersd.yaml"), _configuration(
            folder, self.socket, daemons_redis, f"http://127.0.0.1:{self.chat_port}", workers))
        self.daemon = None

    def _start_delay(self, seconds):
        path = os.path.join(self.folder, "slow-redis.sock")
        arguments = [sys.executable, DELAY, path, self.redis_socket, str(seconds * 1000)]
        self.processes.start("delay", arguments, self.folder)
        wait_until(lambda: os.path.exists(path), "delay.py")
        return path

    def _start_chat(self, kind):
        port_file = os.path.join(self.folder, "chat.port")
        if kind == "standin":
            arguments = [self.programs["standin"], port_file]
        else:
            arguments = [self.programs["devchat"], "--listen", "127.0.0.1:0", "--port-file", port_file,
                         "--rate-limit", "0", "--create-token-secret", "secret"]
            for number in range(AGENTS):
                arguments += ["--agent", f"{agent(number)}:pw:{agent(number)}@example.com:online"]
        process = self.processes.start(kind, arguments, self.folder)
        wait_until(lambda: process.check() or os.path.exists(port_file), kind)
        return process

    def start_daemon(self):
        """Starts the daemon; returns the seconds from its start until it says that it is ready."""
        notify = os.path.join(self.folder, "notify.sock")
        if os.path.exists(notify):
            os.unlink(notify)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(notify)
            listener.settimeout(0.5)
            started = time.monotonic()
            self.daemon = self.processes.start(
                "customersd", [self.programs["customersd"], "--config", os.path.join(self.folder, "customersd.yaml")],
                self.folder, {"NOTIFY_SOCKET": notify})
            while True:
                try:
                    if b"READY=1" in listener.recv(4096):
                        break
                except TimeoutError:
                    self.daemon.check()
            seconds = time.monotonic() - started
        os.chmod(self.socket, 0o666)
        return seconds

    def stop_daemon(self):
        self.processes.end(self.daemon)

    def redis_cli(self, *arguments, text=None):
        done = subprocess.run(
            ["redis-cli", "-s", self.redis_socket, *arguments], capture_output=True, text=True, input=text, timeout=600)
        if done.returncode or done.stdout.startswith("ERR"):
            raise RuntimeError(f"redis-cli {arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def redis_number(self, section, field):
        for line in self.redis_cli("INFO", section).splitlines():
            if line.startswith(field + ":"):
                return int(line.split(":")[1])
        raise KeyError(field)

    def seed(self, start, end):
        """Sessions `start` to `end` straight into Redis, as the daemon stores them."""
        seed = subprocess.Popen(
            [self.programs["seed"], SEAL_KEY, str(self.tenants), str(AGENTS), str(start), str(end)],
            stdout=subprocess.PIPE)
        done = subprocess.run(
            ["redis-cli", "-s", self.redis_socket, "--pipe"], stdin=seed.stdout, capture_output=True, text=True)
        seed.stdout.close()
        if seed.wait() or done.returncode or "errors: 0" not in done.stdout:
            raise RuntimeError(f"seeding failed: {done.stdout}{done.stderr}")

    def ask_chat(self, path, body=None, method=None):
        """A call of the chat server's control interface."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.chat_port}{path}", method=method or ("GET" if body is None else "POST"),
            data=None if body is None else body.encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def set_latency(self, milliseconds):
        """Of every call to the stand-in, from now on."""
        self.ask_chat(f"/_standin/latency?ms={milliseconds}", body="")
