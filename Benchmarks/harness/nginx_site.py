"""nginx as the gateway's users run it: the very files of nginx/customers, and around them what the benchmark needs."""

import os
import shutil

LUA_MODULES = "/usr/lib/nginx/modules"

# What every nginx of the benchmark has, so that no contestant is served by a better one.
COMMON = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes auto;
worker_rlimit_nofile {descriptors};
{modules}
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    server_tokens off;
    keepalive_requests 100000000;
    keepalive_timeout 300s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{http}
}}
"""


def _write(folder, port, http, descriptors, modules=""):
    with open(os.path.join(folder, "nginx.conf"), "w") as file:
        file.write(COMMON.format(
            folder=folder, descriptors=descriptors, connections=min(descriptors, 60000), modules=modules,
            http=http.replace("@PORT@", str(port))))


def _upstream(name, socket, keep):
    kept = f"keepalive {keep}; keepalive_timeout 60s; keepalive_requests 100000000;" if keep else ""
    return f"    upstream {name} {{ server unix:{socket}; {kept} }}\n"


def write_main(folder, sources, port, socket, peers, descriptors, keep=64):
    """The gateway's site with further locations for those who speak FastCGI, and one that nginx answers by itself.

    `peers` maps a name to {"socket", "keep", "params"}; its location is /<name>/.
    """
    parts = os.path.join(folder, "customers")
    shutil.copytree(os.path.join(sources, "nginx", "customers"), parts)
    with open(os.path.join(parts, "upstream.conf"), "w") as file:
        file.write(_upstream("customersd", socket, keep))
    with open(os.path.join(parts, "fastcgi.conf")) as file:
        template = file.read()
    upstreams = locations = ""
    for name, peer in peers.items():
        upstreams += _upstream(name, peer["socket"], peer["keep"])
        own = template.replace("fastcgi_pass customersd;", f"fastcgi_pass {name};")
        if not peer["keep"]:
            own = own.replace("fastcgi_keep_conn on;", "fastcgi_keep_conn off;")
        with open(os.path.join(parts, f"{name}.conf"), "w") as file:
            file.write(own + peer.get("params", ""))
        locations += f"        location /{name}/ {{ include customers/{name}.conf; }}\n"
    _write(folder, port, f"""\
    include customers/http.conf;
    include customers/upstream.conf;
{upstreams}
    server {{
        listen 127.0.0.1:@PORT@ backlog=16384;
        include customers/locations.conf;
{locations}
        location /nginx/ {{ default_type application/json; return 200 '"pong"'; }}
    }}""", descriptors)


def write_lua(folder, peers, port, redis, key, tenant, descriptors):
    """An nginx of its own for the Lua module, so that the others need not load it."""
    modules = f"load_module {LUA_MODULES}/ndk_http_module.so;\nload_module {LUA_MODULES}/ngx_http_lua_module.so;"
    _write(folder, port, f"""\
    lua_package_path "{peers}/nginx-lua/?.lua;;";
    init_worker_by_lua_block {{
        require("auth_ping").start {{ key = "{key}", tenant = "{tenant}", redis = "{redis}" }}
    }}
    server {{
        listen 127.0.0.1:@PORT@ backlog=16384;
        location /lua/ {{ content_by_lua_block {{ require("auth_ping").answer() }} }}
    }}""", descriptors, modules)
