"""The other contestants of the auth_ping benchmark: started here, checked for doing the same work."""

import grp
import os
import pwd
import urllib.error
import urllib.request

from . import nginx_site, tokens
from .process import wait_until

# Label, location, whether it does the token check.
CONTESTANTS = {
    "customersd": ("customersd", "/customers/auth_ping", True),
    "constant": ("its loops and gate, a constant answer", "/constant/auth_ping", False),
    "lua": ("nginx Lua + Redis", "/lua/auth_ping", True),
    "c_kept": ("C libfcgi + hiredis, 512 threads, kept connections", "/c_kept/auth_ping", True),
    "c": ("C libfcgi + hiredis, 64 threads", "/c/auth_ping", True),
    "go": ("Go net/http/fcgi + redigo", "/go/auth_ping", True),
    "php": ("php-fpm + phpredis", "/php/auth_ping", True),
    "nginx": ("nginx alone (the ceiling)", "/nginx/auth_ping", False),
}


class Peers:
    """All of them at once: who is not asked costs nothing."""

    def __init__(self, processes, programs, world, sources, descriptors, ports, php_children=8):
        self.processes, self.world = processes, world
        folder = world.folder
        here = os.path.join(sources, "Benchmarks", "peers")
        key = os.path.join(folder, "token.key")
        self.port, self.lua_port = ports

        def path(name):
            return os.path.join(folder, f"{name}.sock")

        common = [world.redis_socket, key, tokens.TENANT]
        c = programs["auth_ping_c"]
        start = processes.start
        self.members = {
            "customersd": world.daemon,
            "constant": start("constant", [programs["constant"], path("constant")], folder),
            "c_kept": start("c_kept", [c, path("c_kept"), *common, "512"], folder),
            "c": start("c", [c, path("c"), *common, "64"], folder),
            "go": start("go", [programs["auth_ping_go"], path("go"), *common], folder),
            "php": self._php(folder, here, path("php"), php_children),
        }
        peers = {
            "constant": {"socket": path("constant"), "keep": 64},
            "c_kept": {"socket": path("c_kept"), "keep": 64},
            # 64 threads and kept connections would leave the 65th connection waiting for ever.
            "c": {"socket": path("c"), "keep": 0},
            "go": {"socket": path("go"), "keep": 64,
                   "params": "fastcgi_param SERVER_PROTOCOL $server_protocol;\n"},
            # A kept connection holds a child: with 8 of them the 9th connection would wait.
            "php": {"socket": path("php"), "keep": 0,
                    "params": f"fastcgi_param SCRIPT_FILENAME {here}/php-fpm/auth_ping.php;\n"},
        }
        for name in peers:
            wait_until(lambda: self.members[name].check() or os.path.exists(path(name)), name)
        self.nginx = self._nginx("main", lambda where: nginx_site.write_main(
            where, sources, self.port, world.socket, peers, descriptors))
        self.members["lua"] = self._nginx("lua", lambda where: nginx_site.write_lua(
            where, here, self.lua_port, world.redis_socket, tokens.KEY, tokens.TENANT, descriptors))
        self.members["nginx"] = self.nginx

    def _php(self, folder, here, socket, children):
        with open(os.path.join(here, "php-fpm", "pool.conf")) as file:
            pool = file.read()
        values = {"DIR": folder, "USER": pwd.getpwuid(os.getuid()).pw_name, "GROUP": grp.getgrgid(os.getgid()).gr_name,
                  "CHILDREN": str(children), "KEY": tokens.KEY, "TENANT": tokens.TENANT,
                  "REDIS": self.world.redis_socket}
        for name, value in values.items():
            pool = pool.replace(f"@{name}@", value)
        path = os.path.join(folder, "pool.conf")
        with open(path, "w") as file:
            file.write(pool)
        program = next(p for p in (f"/usr/sbin/php-fpm{v}" for v in ("", "8.2", "8.3", "8.4")) if os.path.exists(p))
        root = ["--allow-to-run-as-root"] if os.getuid() == 0 else []
        return self.processes.start("php", [program, "--nodaemonize", "--fpm-config", path, *root], folder)

    def _nginx(self, name, write):
        where = os.path.join(self.world.folder, f"nginx-{name}")
        os.makedirs(where)
        write(where)
        user = "user root; " if os.getuid() == 0 else ""
        return self.processes.start(
            f"nginx-{name}", ["nginx", "-p", where, "-e", f"{where}/error.log", "-c", f"{where}/nginx.conf",
                              *(["-g", user] if user else [])], where)

    def url(self, name):
        port = self.lua_port if name == "lua" else self.port
        return f"http://127.0.0.1:{port}{CONTESTANTS[name][1]}"

    def processes_of(self, name):
        """Those that work for a contestant: itself, its nginx, Redis."""
        nginx = self.members["lua"] if name == "lua" else self.nginx
        return {process for process in (self.members[name], nginx, self.world.redis)}

    def verify(self):
        """Everyone says pong to the good token, and no to each of the others."""
        for name, (_, _, checks) in CONTESTANTS.items():
            wait_until(lambda: self._status(name, tokens.access_token()) == 200, f"{name} to answer")
            if not checks:
                continue
            for what, token in {**tokens.refused_tokens(), "no token": None}.items():
                status = self._status(name, token)
                if status != 401:
                    raise RuntimeError(f"{name} answers {status} to a token with {what}")

    def _status(self, name, token):
        request = urllib.request.Request(self.url(name), headers={"Authorization": token} if token else {})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                body = answer.read()
                if body != b'"pong"':
                    raise RuntimeError(f"{name} answers {body!r}")
                return answer.status
        except urllib.error.HTTPError as error:
            error.read()
            return error.code
        except urllib.error.URLError:
            return 0
