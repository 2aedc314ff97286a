"""Everything the gateway needs, twice where a fleet has it twice: Redis with a replica and three Sentinels, a chat
server, two daemons, nginx. Private ports and sockets in a temporary folder; stopped by process id."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Benchmarks"))

from harness import tokens  # noqa: E402
from harness.process import Processes, wait_until  # noqa: E402

TENANT = tokens.TENANT
DEPARTMENT = "20000000-0000-4000-8000-000000000000"
AGENTS = 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class World:
    """`programs` is the folder with customersd and devchat."""

    def __init__(self, programs, folder, daemons=2, sentinel=True, settings="", limits=(), tenant=TENANT,
                 department=DEPARTMENT, operations=None):
        self.tenant = tenant
        self.programs, self.folder, self.limits = programs, folder, list(limits)
        self.processes = Processes()
        self.parts = {}
        self.redis_ports = [free_port(), free_port()] if sentinel else [free_port()]
        self.sentinel_ports = [free_port() for _ in range(3)] if sentinel else []
        self.chat_port, self.port = free_port(), free_port()
        self.daemons = daemons
        os.makedirs(os.path.join(folder, "tenants.d"))
        os.chmod(folder, 0o755)
        for name, text in {"chat.password": "gateway\n", "create.secret": "secret\n", "token.key": tokens.KEY + "\n",
                           "seal.key": base64.b64encode(b"reliability-seal-key-32-bytes-00").decode() + "\n"}.items():
            self.write(name, text)
        agents = "\n".join(f"      - {{username: agent{n}, capacity: 10000}}" for n in range(AGENTS))
        self.write("tenants.d/tenant.yaml", f"""\
id: {tenant}
secret_key: 3WsQAyIVHG7mQAHwURktAkLPMy622Has
departments:
  - id: {department}
    name: service
    default: true
    agents:
{agents}
""")
        bound = f", chat_operations: {operations}" if operations else ""
        where = (f"redis+sentinel://{','.join(f'127.0.0.1:{p}' for p in self.sentinel_ports)}/mymaster"
                 if sentinel else f"redis://127.0.0.1:{self.redis_ports[0]}")
        for number in range(daemons):
            self.write(f"daemon{number}.yaml", f"""\
listen: {self.socket(number)}
redis: {{url: "{where}"}}
chat:
  url: http://127.0.0.1:{self.chat_port}
  username: gateway
  password_file: {folder}/chat.password
  create_token_secret_file: {folder}/create.secret
tokens: {{key_file: {folder}/token.key}}
seal_key_file: {folder}/seal.key
tenants: {folder}/tenants.d
limits: {{client_connect_per_ip: off, client_connect_per_tenant: off, failed_per_ip: off{bound}}}
{settings}""")
        servers = "".join(f"        server unix:{self.socket(n)} max_fails=0;\n" for n in range(daemons))
        user = "user root;" if os.getuid() == 0 else ""
        temporary = "".join(f"    {kind}_temp_path {folder}/{kind};\n"
                            for kind in ("client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
        os.symlink(os.path.join(ROOT, "nginx", "customers"), os.path.join(folder, "customers"))
        self.write("nginx.conf", f"""\
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 8192; }}
http {{
{temporary}    include customers/http.conf;
    upstream customersd {{
{servers}        keepalive 64;
    }}
    server {{
        listen 127.0.0.1:{self.port} backlog=4096;
        access_log off;
        # A load generator that asks again at once would lose the request that meets the end of a connection.
        keepalive_requests 1000000;
        include customers/locations.conf;
    }}
}}
""")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)

    def socket(self, number):
        return os.path.join(self.folder, f"fcgi{number}.sock")

    # What runs

    def start(self):
        # Asked to end, the run ends through its clean-up.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        for number in range(len(self.redis_ports)):
            self.start_part(f"redis{number}")
        for port in self.redis_ports:
            wait_until(lambda: self.redis(port, "PING") == "PONG", "redis-server")
        if self.sentinel_ports:
            wait_until(lambda: "master_link_status:up" in self.redis(self.redis_ports[1], "INFO", "replication"), "replica")
        for number in range(len(self.sentinel_ports)):
            self.start_part(f"sentinel{number}")
        for port in self.sentinel_ports:
            wait_until(lambda: "slaves=1,sentinels=3" in self.redis(port, "INFO", "sentinel"), "Sentinels", 40)
        self.start_part("devchat")
        wait_until(lambda: answers(self.chat_port), "devchat")
        for number in range(self.daemons):
            self.start_part(f"daemon{number}")
        for number in range(self.daemons):
            wait_until(lambda: os.path.exists(self.socket(number)), "customersd")
        self.start_part("nginx")
        wait_until(lambda: self.ping() == 200, "the gateway")

    def stop(self):
        for process in self.processes:
            if process.child.poll() is None:
                process.child.send_signal(signal.SIGCONT)
        self.processes.stop()

    def start_part(self, name):
        self.parts[name] = self.processes.start(name, self.command(name), self.folder)

    def command(self, name):
        number = int(name[-1]) if name[-1].isdigit() else 0
        if name.startswith("redis"):
            return self.redis_command(number)
        if name.startswith("sentinel"):
            return ["redis-server", self.sentinel_configuration(number), "--sentinel"]
        if name.startswith("daemon"):
            return self.limits + [os.path.join(self.programs, "customersd"), "--config",
                                  os.path.join(self.folder, f"daemon{number}.yaml")]
        if name == "nginx":
            return ["nginx", "-e", "stderr", "-p", self.folder, "-c", os.path.join(self.folder, "nginx.conf")]
        agents = [text for n in range(AGENTS) for text in ("--agent", f"agent{n}:pw:agent{n}@example.com:online")]
        return [os.path.join(self.programs, "devchat"), "--listen", f"127.0.0.1:{self.chat_port}", "--rate-limit", "0",
                "--create-token-secret", "secret", "--admin", "gateway:gateway", *agents]

    def redis_command(self, number):
        port = self.redis_ports[number]
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                   "--dir", self.folder, "--repl-diskless-sync-delay", "0"]
        # A server that comes back must not begin as a master without data, which the Sentinels would believe for a while.
        if self.sentinel_ports:
            others = [p for p in self.redis_ports if p != port]
            master = self.master() or self.redis_ports[0]
            if master != port:
                command += ["--replicaof", "127.0.0.1", str(master)]
            elif "redis0" in self.parts:
                command += ["--replicaof", "127.0.0.1", str(others[0])]
        return command

    def sentinel_configuration(self, number):
        path = os.path.join(self.folder, f"sentinel{number}.conf")
        if not os.path.exists(path):
            self.write(f"sentinel{number}.conf", f"""\
port {self.sentinel_ports[number]}
bind 127.0.0.1
dir {self.folder}
sentinel monitor mymaster 127.0.0.1 {self.redis_ports[0]} 2
sentinel down-after-milliseconds mymaster 1000
sentinel failover-timeout mymaster 5000
""")
        return path

    # What can be asked

    def redis(self, port, *words):
        try:
            done = subprocess.run(["redis-cli", "-h", "127.0.0.1", "-p", str(port), *words], capture_output=True,
                                  text=True, timeout=5)
        except subprocess.TimeoutExpired:
            return ""
        return done.stdout.strip()

    def master(self):
        """The port of the master by the Sentinels' word; None while they do not say."""
        for port in self.sentinel_ports:
            lines = self.redis(port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster").split("\n")
            if len(lines) == 2 and lines[1].isdigit():
                return int(lines[1])
        return None

    def ping(self, token=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/customers/auth_ping",
                                         headers={"Authorization": token or tokens.access_token(sub=self.tenant)})
        try:
            return urllib.request.urlopen(request, timeout=5).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def chat(self, path, method="GET", body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.chat_port}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def arm(self, fault):
        """Makes the chat server behave badly; see devchat's control API."""
        self.chat("/_devchat/fault", "POST", fault)

    def disarm(self):
        self.chat("/_devchat/fault", "DELETE")


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def signal_family(process, number):
    """To a program and its children: nginx's workers are processes."""
    for pid in process.family():
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def restart(world, name, seconds):
    process = world.parts[name]
    signal_family(process, signal.SIGKILL)
    process.child.wait()
    world.processes.remove(process)
    time.sleep(seconds)
    world.start_part(name)
