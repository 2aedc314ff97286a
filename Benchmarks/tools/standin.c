/* A chat server that costs next to nothing: answers the Rocket.Chat calls of the gateway from the request alone, each after
 * a settable latency. One thread, epoll, HTTP/1.1 kept alive. It remembers nothing: what it is asked to make exists at once.
 *
 *     standin PORT-FILE
 *
 *     POST /_standin/latency?ms=N     from now on
 *     POST /_standin/reset            counts from zero
 *     GET  /_standin/counts           {"calls","in_flight","peak"} */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 8192, REPLY = 16384, MOST = 131072 };

struct connection {
    unsigned generation;
    int used;
    char in[BUFFER + 1];
};
struct reply {
    uint64_t due;
    int descriptor;
    unsigned generation;
    int length;
    char *bytes;
    struct reply *next;
};

static struct connection *connections[MOST];
static unsigned generations[MOST];
/* One latency for all at a time, so that replies leave in the order they came. */
static struct reply *first, **last = &first;
static uint64_t latency, calls;
static int poller, in_flight, peak;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

/* 17 characters as the server's own ids have, made of a text. */
static void identify(const char *text, size_t length, char *out) {
    static const char alphabet[] = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz";
    uint64_t hash = 1469598103934665603ull;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 1099511628211ull;
    for (int i = 0; i < 17; i++) {
        out[i] = alphabet[hash % 55];
        hash = hash / 7 ^ hash * 6364136223846793005ull;
    }
    out[17] = 0;
}

/* The value of "name":"…" in a body without escapes. */
static const char *field(const char *body, const char *name, int *length) {
    char key[64];
    int size = snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *at = strstr(body, key);
    if (!at) { *length = 0; return ""; }
    at += size;
    *length = strcspn(at, "\"");
    return at;
}

static int presence(const char *ids, char *out) {
    int size = sprintf(out, "{\"success\":true,\"full\":false,\"users\":[");
    const char *comma = "";
    while (ids && *ids && *ids != ' ' && size < REPLY - 256) {
        int length = strcspn(ids, "%, ");
        size += sprintf(out + size, "%s{\"_id\":\"%.*s\",\"status\":\"online\"}", comma, length, ids);
        comma = ",";
        ids += length;
        if (strncmp(ids, "%2C", 3) == 0) ids += 3;
        else if (*ids == ',') ids++;
    }
    return size + sprintf(out + size, "]}");
}

static int history(const char *line, char *out) {
    const char *at = strstr(line, "roomId="), *wanted = strstr(line, "count=");
    int length = at ? (int)strcspn(at + 7, "& ") : 0, count = wanted ? atoi(wanted + 6) : 20;
    int size = sprintf(out, "{\"success\":true,\"messages\":[");
    for (int i = 0; i < count && i < 30; i++)
        size += sprintf(out + size,
            "%s{\"_id\":\"message%010d\",\"rid\":\"%.*s\",\"msg\":\"Good morning, how can I help?\",\"ts\":"
            "\"2026-01-02T03:04:%02d.%03dZ\",\"u\":{\"_id\":\"agent000000000000\",\"username\":\"ann\","
            "\"name\":\"Ann\"},\"_updatedAt\":\"2026-01-02T03:04:05.678Z\",\"urls\":[],\"mentions\":[],\"channels\":[]}",
            i ? "," : "", i, length, at ? at + 7 : "", 59 - i, 999 - i);
    return size + sprintf(out + size, "]}");
}

static int answer(const char *line, const char *body, char *out) {
    char id[18];
    int length;
    const char *path = strchr(line, ' ') + 1;
#define ROUTE(text) (strncmp(path, "/api/v1/" text, sizeof "/api/v1/" text - 1) == 0)
    if (ROUTE("login"))
        return sprintf(out, "{\"status\":\"success\",\"data\":{\"userId\":\"GatewayServiceAcc\","
            "\"authToken\":\"serviceserviceserviceserviceserviceservice0\"}}");
    if (ROUTE("users.create ")) {
        const char *name = field(body, "username", &length);
        identify(name, length, id);
        return sprintf(out, "{\"success\":true,\"user\":{\"_id\":\"%s\",\"username\":\"%.*s\",\"name\":\"%.*s\","
            "\"type\":\"user\",\"status\":\"offline\",\"active\":true,\"roles\":[\"user\"],\"utcOffset\":0}}",
            id, length, name, length, name);
    }
    if (ROUTE("users.createToken")) {
        const char *user = field(body, "userId", &length);
        return sprintf(out,
            "{\"success\":true,\"data\":{\"userId\":\"%.*s\",\"authToken\":\"%.*stokentokentokentokentoken0\"}}",
            length, user, length, user);
    }
    if (ROUTE("users.info")) {
        const char *name = strstr(path, "username=");
        length = name ? (int)strcspn(name + 9, "& ") : 0;
        name = name ? name + 9 : "";
        /* Agents: the id is the name, so that whoever seeds Redis knows it. */
        return sprintf(out, "{\"success\":true,\"user\":{\"_id\":\"%.*s\",\"username\":\"%.*s\",\"name\":\"agent\","
            "\"type\":\"user\",\"status\":\"online\",\"active\":true,\"roles\":[\"livechat-agent\"]}}",
            length, name, length, name);
    }
    if (ROUTE("users.presence")) return presence(strstr(path, "ids=") ? strstr(path, "ids=") + 4 : "", out);
    if (ROUTE("groups.create")) {
        const char *name = field(body, "name", &length);
        identify(name, length, id);
        return sprintf(out, "{\"success\":true,\"group\":{\"_id\":\"%s\",\"name\":\"%.*s\",\"t\":\"p\",\"msgs\":0,"
            "\"usersCount\":3,\"archived\":false}}", id, length, name);
    }
    if (ROUTE("groups.history") || ROUTE("im.history")) return history(path, out);
    return sprintf(out, "{\"success\":true}");
#undef ROUTE
}

static void finish(int descriptor) {
    free(connections[descriptor]);
    connections[descriptor] = NULL;
    generations[descriptor]++;
    close(descriptor);
}

static void put(int descriptor, const char *bytes, int length) {
    /* A socket buffer takes any of these replies whole. */
    if (write(descriptor, bytes, length) != length) finish(descriptor);
}

static int control(const char *line, char *body) {
    const char *at = strstr(line, "ms=");
    if (strstr(line, "/_standin/latency") && at) latency = strtoull(at + 3, NULL, 10) * 1000000;
    if (strstr(line, "/_standin/reset")) {
        calls = 0;
        peak = in_flight;
    }
    return sprintf(body, "{\"calls\":%llu,\"in_flight\":%d,\"peak\":%d}", (unsigned long long)calls, in_flight, peak);
}

static void serve(int descriptor, char *line, const char *body) {
    static char json[REPLY], whole[REPLY + 256];
    int is_control = strstr(line, " /_standin/") != NULL;
    int length = is_control ? control(line, json) : answer(line, body, json);
    int size = sprintf(
        whole, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", length);
    memcpy(whole + size, json, length);
    size += length;
    if (!is_control) calls++;
    if (is_control || latency == 0) return put(descriptor, whole, size);
    struct reply *reply = malloc(sizeof *reply);
    *reply = (struct reply){now() + latency, descriptor, generations[descriptor], size, malloc(size), NULL};
    memcpy(reply->bytes, whole, size);
    *last = reply;
    last = &reply->next;
    if (++in_flight > peak) peak = in_flight;
}

static void receive(int descriptor) {
    struct connection *connection = connections[descriptor];
    for (;;) {
        ssize_t count = read(descriptor, connection->in + connection->used, BUFFER - connection->used);
        if (count <= 0) {
            if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
            return finish(descriptor);
        }
        connection->used += count;
        connection->in[connection->used] = 0;
        char *end = strstr(connection->in, "\r\n\r\n");
        if (!end) continue;
        char *field = strcasestr(connection->in, "\r\ncontent-length:");
        int expected = field && field < end ? atoi(field + 17) : 0;
        if (connection->in + connection->used < end + 4 + expected) continue;
        end[0] = 0;
        connection->used = 0; /* Nobody pipelines. */
        char *line_end = strstr(connection->in, "\r\n");
        if (line_end) *line_end = 0;
        return serve(descriptor, connection->in, end + 4);
    }
}

static void send_due(void) {
    uint64_t time = first ? now() : 0;
    while (first && first->due <= time) {
        struct reply *reply = first;
        first = reply->next;
        if (!first) last = &first;
        in_flight--;
        if (generations[reply->descriptor] == reply->generation) put(reply->descriptor, reply->bytes, reply->length);
        free(reply->bytes);
        free(reply);
    }
}

int main(int count, char **arguments) {
    if (count != 2) return 2;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096)) return 1;
    getsockname(listener, (struct sockaddr *)&address, &size);
    char temporary[4096];
    snprintf(temporary, sizeof temporary, "%s.new", arguments[1]);
    FILE *file = fopen(temporary, "w");
    if (!file) return 1;
    fprintf(file, "%d\n", ntohs(address.sin_port));
    fclose(file);
    rename(temporary, arguments[1]);
    poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[512];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct timespec wait = {0, 0};
        uint64_t time = first ? now() : 0;
        if (first && first->due > time) {
            wait.tv_sec = (first->due - time) / 1000000000;
            wait.tv_nsec = (first->due - time) % 1000000000;
        }
        int ready = epoll_pwait2(poller, events, 512, first ? &wait : NULL, NULL);
        for (int i = 0; i < ready; i++) {
            int descriptor = events[i].data.fd;
            if (descriptor != listener) {
                if (connections[descriptor]) receive(descriptor);
                continue;
            }
            int accepted;
            while ((accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                if (accepted >= MOST) { close(accepted); continue; }
                setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                connections[accepted] = malloc(sizeof(struct connection));
                connections[accepted]->used = 0;
                event = (struct epoll_event){.events = EPOLLIN | EPOLLET, .data.fd = accepted};
                epoll_ctl(poller, EPOLL_CTL_ADD, accepted, &event);
            }
        }
        send_due();
    }
}
