#!/usr/bin/env bash
# A conversation between a customer and an agent, through nginx, the daemon, Redis and a stand-in chat server, all in a
# temporary folder and on loopback. Then it stays up for trying by hand, until Ctrl-C (DEMO_ONCE=1: it ends). DEMO_PORT is
# the port of nginx, a free one by default.
#
# usage: Tests/Demo/demo.sh FOLDER-OF-THE-PROGRAMS
set -euo pipefail

programs=$(cd "${1:?the folder with customersd and devchat}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
source_tree=$(cd "$here/../.." && pwd)
# Short, because a Unix socket's path has room for 107 bytes.
folder=$(mktemp -d /tmp/customers-demo.XXXXXX)
started=()

tenant=8009bf1c-5fea-4221-b19a-fd4278fcb06f
secret=3WsQAyIVHG7mQAHwURktAkLPMy622Has
sales=0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b
support=d2646257-3107-4441-81fd-305101a3bc2e

finish() {
    local status=$? index
    trap - EXIT INT TERM
    # The last started first: nginx stops asking before the daemon goes.
    for ((index = ${#started[@]} - 1; index >= 0; index--)); do
        kill "${started[index]}" 2>/dev/null || true
        wait "${started[index]}" 2>/dev/null || true
    done
    if ((status != 0 && status != 130)); then
        printf '\nThe demo failed. What the programs said:\n' >&2
        tail -n 20 "$folder"/*.log >&2 || true
    fi
    rm -rf "$folder"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# start NAME COMMAND…: in the background, its words in NAME.log.
start() {
    local name=$1
    shift
    "$@" >"$folder/$name.log" 2>&1 &
    started+=($!)
}

# wait_for WHAT COMMAND…: until the command succeeds, 20 s at most, and no longer than everything runs.
wait_for() {
    local what=$1 deadline=$((SECONDS + 20)) pid
    shift
    until "$@" >/dev/null 2>&1; do
        for pid in "${started[@]}"; do
            kill -0 "$pid" 2>/dev/null || { echo "$what: a program has ended" >&2; return 1; }
        done
        ((SECONDS < deadline)) || { echo "$what: not ready after 20 s" >&2; return 1; }
        sleep 0.05
    done
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# The command as one could type it.
show() {
    local argument line='$'
    for argument in "$@"; do
        [[ $argument =~ ^[A-Za-z0-9_./:=@-]+$ ]] || argument="'$argument'"
        line+=" $argument"
    done
    printf '%s\n' "$line"
}

# call CURL-ARGUMENTS…: shows the call and its answer, and keeps the answer. Any status but 2xx ends the demo.
call() {
    show curl "$@"
    answer=$(curl -sS --fail-with-body --max-time 20 "$@") || { printf '%s\n' "$answer"; return 1; }
    printf '%s\n' "$answer"
}

# field NAME: of the last answer.
field() { python3 -c 'import json, sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$answer" "$1"; }

# --- the machine room

start redis redis-server --port 0 --unixsocket "$folder/redis.sock" --unixsocketperm 600 \
    --save '' --appendonly no --dir "$folder"

# A real Rocket.Chat lets ten calls a minute through; an installation lifts that for the gateway's address.
start devchat "$programs/devchat" --listen 127.0.0.1:0 --port-file "$folder/devchat.port" --rate-limit 0 \
    --admin gateway:gateway \
    --agent ann:ann-password:ann@example.com:online --agent bob:bob-password:bob@example.com:online \
    --agent cho:cho-password:cho@example.com:online
wait_for devchat test -s "$folder/devchat.port"
chat=http://127.0.0.1:$(<"$folder/devchat.port")

mkdir "$folder/tenants.d"
openssl rand -base64 48 >"$folder/token.key"
openssl rand -base64 32 >"$folder/seal.key"
echo gateway >"$folder/chat.password"
chmod 600 "$folder"/*.key "$folder/chat.password"
cat >"$folder/customersd.yaml" <<YAML
listen: $folder/fcgi.sock
redis:
  url: unix://$folder/redis.sock
chat:
  url: $chat
  username: gateway
  password_file: $folder/chat.password
tokens:
  key_file: $folder/token.key
seal_key_file: $folder/seal.key
tenants: $folder/tenants.d
YAML
cat >"$folder/tenants.d/acme.yaml" <<YAML
id: $tenant
name: Acme
secret_key: $secret
origins: ["https://shop.example.com"]
config: {theme: dark}
template: "Welcome"
departments:
  - id: $sales
    name: sales
    default: true
    template: "Hello from sales"
    timeout: 90
    config: {color: red}
    agents:
      - {username: ann, email: ann@example.com, capacity: 50}
      - {username: bob, email: bob@example.com, capacity: 50}
  - id: $support
    name: support
    agents:
      - {username: cho, email: cho@example.com, capacity: 50}
YAML
chmod 600 "$folder/tenants.d/acme.yaml"
wait_for redis redis-cli -s "$folder/redis.sock" ping
"$programs/customersd" --check --config "$folder/customersd.yaml"
start customersd "$programs/customersd" --config "$folder/customersd.yaml"
wait_for customersd test -S "$folder/fcgi.sock"

# The very files of nginx/, with the socket and the port of this folder.
ln -s "$source_tree/nginx/customers" "$folder/customers"
port=${DEMO_PORT:-$(free_port)}
cat >"$folder/nginx.conf" <<CONF
daemon off;
pid $folder/nginx.pid;
error_log stderr warn;
# Workers of a master that root started would be somebody else, to whom this folder is closed.
$([[ $(id -u) != 0 ]] || echo "user root;")
events {}
http {
    client_body_temp_path $folder/body;
    fastcgi_temp_path $folder/fastcgi;
    proxy_temp_path $folder/proxy;
    scgi_temp_path $folder/scgi;
    uwsgi_temp_path $folder/uwsgi;
    include customers/http.conf;
    upstream customersd { server unix:$folder/fcgi.sock; keepalive 16; }
    server {
        listen 127.0.0.1:$port;
        access_log $folder/access.log customers;
        include customers/locations.conf;
        location / {
            error_page 404 /_customers_error;
            return 404;
        }
    }
}
CONF
start nginx nginx -e stderr -p "$folder" -c "$folder/nginx.conf"
url=http://127.0.0.1:$port
wait_for nginx curl -sS "$url/customers/auth_ping"

# --- the conversation

say "1. The tenant's server signs for an access token"
signature=$(printf %s "$tenant" | openssl dgst -sha256 -hmac "$secret" -binary | base64)
echo "\$ signature=\$(printf %s $tenant | openssl dgst -sha256 -hmac $secret -binary | base64)"
call "$url/managers/access_token" --get --data-urlencode "apiKey=$tenant" --data-urlencode "signature=$signature"
access_token=$(field access_token)

say "2. The token is good"
call "$url/customers/auth_ping" -H "Authorization: $access_token"

say "3. The tenant's server connects a customer of its own to an agent"
call "$url/customers/connect" -H "Authorization: $access_token" -d name=suzhouxiaofangshuan

say "4. A customer starts a conversation from the website"
call "$url/customers/client_connect" -d api_key="$tenant" -d department_id="$sales" --data-urlencode "name=小张"
room=$(field rid) chat_token=$(field token) agent=$(field agent_id)

say "5. At the chat server's websocket ($chat/websocket) each reads what the other one writes"
python3 "$here/conversation.py" "$chat" "$room" "$chat_token" "$agent" "Hello, my parcel has not arrived." \
    ann:ann-password bob:bob-password

say "6. The same customer comes back: the same room, nothing lost"
call "$url/customers/client_connect" -H 'Content-Type: application/json' \
    -d "{\"api_key\":\"$tenant\",\"department_id\":\"$sales\",\"name\":\"小张\"}"

say "7. What was said"
call "$url/customers/history_message" --get -d room_id="$room" -H "Authorization: $chat_token"

say "8. Transfer to the support department"
call "$url/customers/Transfer" -H "Authorization: $chat_token" -d group_id="$room" -d department_id="$support"
agent=$(field agent_id)
python3 "$here/conversation.py" "$chat" "$room" "$chat_token" "$agent" "And it is a birthday present!" cho:cho-password

say "9. The customer closes the conversation"
call "$url/customers/shutdown_service" -H "Authorization: $chat_token" -d group_id="$room"

say "The demo is complete."
[[ -z ${DEMO_ONCE:-} ]] || exit 0
trap 'exit 0' INT TERM
cat <<TEXT

Everything stays up until Ctrl-C:
  API          $url/customers/…  (described at $url/customers/openapi.yaml)
  chat server  $chat  (agents ann, bob, cho; the password is NAME-password)
  api_key      $tenant
  secret key   $secret
  token        $access_token
  departments  $sales (sales), $support (support)
  logs         $folder/*.log
TEXT
# The first program that ends, ends the demo.
wait -n "${started[@]}" || true
echo "a program has ended" >&2
exit 1
