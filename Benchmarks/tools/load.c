/* Sends HTTP requests that are ready in a file, over connections that stay open, and measures each.
 *
 *     load --port N --connections N --requests FILE [--seconds S] [--count N] [--waves N] [--spread MS] [--rate N] [--once]
 *
 * The file has whole requests with a NUL after each; they are taken in turn, from the start again unless --once.
 * Without --waves every connection asks again as soon as it has its answer. With it, every connection asks once a wave,
 * evenly spread over MS milliseconds, and the next wave begins when all have their answer.
 * With --rate so many requests a second are sent whatever becomes of them (open loop), over connections that are idle; a
 * request for which there is none is counted as unsent. Latencies are from the moment at which a request was due, and those of
 * the successes stand apart.
 * Prints JSON; latencies in microseconds from the first byte sent to the last received. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 65536 };

struct connection {
    int descriptor, used, busy;
    uint64_t sent;
    char *in;
};

static struct connection *all;
static int port, width = 1, waves, once, poller, in_flight, peak;
static uint64_t spread, limit_count = UINT64_MAX, end_time = UINT64_MAX;
static char **requests;
static int *lengths;
static uint64_t request_count, next_request, started, done, broken, statuses[1000];
static uint32_t *latencies;
static uint64_t latency_room;
static char refusal[512];
static double rate;
static struct connection **idle;
static int idle_count;
static uint32_t *successes;
static uint64_t success_count, unsent;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void read_requests(const char *path) {
    int file = open(path, O_RDONLY);
    struct stat information;
    if (file < 0 || fstat(file, &information) || information.st_size == 0) exit(2);
    char *bytes = mmap(NULL, information.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    for (off_t i = 0; i < information.st_size; i++) request_count += bytes[i] == 0;
    requests = malloc(request_count * sizeof *requests);
    lengths = malloc(request_count * sizeof *lengths);
    for (uint64_t i = 0; i < request_count; i++) {
        requests[i] = bytes;
        lengths[i] = strlen(bytes);
        bytes += lengths[i] + 1;
    }
}

static void dial(struct connection *connection) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    connection->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (connection->descriptor < 0 || connect(connection->descriptor, (struct sockaddr *)&address, sizeof address)) {
        perror("load: connect");
        exit(1);
    }
    fcntl(connection->descriptor, F_SETFL, O_NONBLOCK);
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connection->used = connection->busy = 0;
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = connection};
    epoll_ctl(poller, EPOLL_CTL_ADD, connection->descriptor, &event);
}

/* Whether there was a request to send. */
static int ask(struct connection *connection) {
    if (started >= limit_count || (once && next_request >= request_count) || now() >= end_time) return 0;
    uint64_t index = next_request++ % request_count;
    started++;
    connection->sent = now();
    connection->busy = 1;
    if (++in_flight > peak) peak = in_flight;
    if (write(connection->descriptor, requests[index], lengths[index]) != lengths[index]) {
        broken++;
        connection->busy = 0;
        in_flight--;
    }
    return 1;
}

static void note(struct connection *connection) {
    if (done == latency_room) {
        latency_room = latency_room * 2 + 65536;
        latencies = realloc(latencies, latency_room * sizeof *latencies);
        successes = realloc(successes, latency_room * sizeof *successes);
    }
    latencies[done++] = (now() - connection->sent) / 1000;
    int status = connection->used > 12 ? atoi(connection->in + 9) : 0;
    statuses[status > 0 && status < 1000 ? status : 0]++;
    if (status >= 200 && status <= 299) {
        successes[success_count++] = latencies[done - 1];
    } else if (!refusal[0]) {
        char *body = strstr(connection->in, "\r\n\r\n");
        snprintf(refusal, sizeof refusal, "%s", body ? body + 4 : connection->in);
        for (char *at = refusal; *at; at++) if (*at == '"' || *at == '\\' || *at < ' ') *at = '\'';
    }
    connection->busy = connection->used = 0;
    in_flight--;
}

static int is_complete(struct connection *connection) {
    char *end = strstr(connection->in, "\r\n\r\n");
    if (!end) return 0;
    char *field = strcasestr(connection->in, "\r\ncontent-length:");
    if (field && field < end) return connection->used >= end + 4 - connection->in + atoi(field + 17);
    field = strcasestr(connection->in, "\r\ntransfer-encoding:");
    if (field && field < end)
        return connection->used >= 7 && memcmp(connection->in + connection->used - 7, "\r\n0\r\n\r\n", 7) == 0;
    return 1;
}

static void receive(struct connection *connection) {
    if (!connection->in) connection->in = malloc(BUFFER + 1);
    for (;;) {
        ssize_t count = read(connection->descriptor, connection->in + connection->used, BUFFER - connection->used);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (count <= 0) {
            if (connection->busy) {
                broken++;
                in_flight--;
            }
            close(connection->descriptor);
            int was_busy = connection->busy;
            dial(connection);
            if (rate > 0 && was_busy) idle[idle_count++] = connection;
            else if (!waves && rate <= 0) ask(connection);
            return;
        }
        connection->used += count;
        connection->in[connection->used] = 0;
        if (connection->busy && is_complete(connection)) {
            note(connection);
            if (rate > 0) idle[idle_count++] = connection;
            else if (!waves) ask(connection);
        }
    }
}

static void turn(int milliseconds) {
    struct epoll_event events[512];
    int ready = epoll_wait(poller, events, 512, milliseconds);
    for (int i = 0; i < ready; i++) receive(events[i].data.ptr);
}

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void print_latencies(uint32_t *values, uint64_t count) {
    if (count) qsort(values, count, sizeof *values, compare);
#define AT(share) (count ? values[(uint64_t)((count - 1) * (share))] : 0)
    printf("\"p50\":%u,\"p90\":%u,\"p99\":%u,\"max\":%u", AT(0.5), AT(0.9), AT(0.99), AT(1.0));
#undef AT
}

static void run_waves(void) {
    printf("{\"waves\":[");
    for (int wave = 0; wave < waves; wave++) {
        uint64_t from = done, start = now(), give_up = start + 60000000000ull;
        peak = in_flight = 0;
        for (int sent = 0; sent < width || in_flight > 0;) {
            uint64_t time = now();
            int due = spread ? (int)((time - start) * (uint64_t)width / spread) + 1 : width;
            /* A few at a time, so that answers do not wait for requests. */
            for (int burst = 0; sent < width && sent < due && burst < 64; burst++) ask(&all[sent++]);
            turn(sent < width ? 0 : 50);
            if (time > give_up) {
                broken += in_flight;
                break;
            }
        }
        printf("%s{\"answered\":%llu,\"peak\":%d,\"seconds\":%.6f,", wave ? "," : "",
            (unsigned long long)(done - from), peak, (now() - start) / 1e9);
        print_latencies(latencies + from, done - from);
        printf("}");
    }
    printf("],");
}

static void finish(void) {
    uint64_t give_up = end_time == UINT64_MAX ? end_time : end_time + 30000000000ull;
    while (in_flight > 0) {
        turn(100);
        if (now() > give_up) {
            broken += in_flight;
            break;
        }
    }
    printf("{");
}

static void run_closed(void) {
    for (int i = 0; i < width; i++) ask(&all[i]);
    finish();
}

static void run_open(void) {
    idle = malloc(width * sizeof *idle);
    for (int i = 0; i < width; i++) idle[idle_count++] = &all[i];
    uint64_t start = now(), interval = 1e9 / rate, turns = 0;
    for (uint64_t time; (time = now()) < end_time;) {
        for (; start + turns * interval <= time; turns++) {
            if (idle_count == 0) {
                unsent++;
                continue;
            }
            struct connection *connection = idle[--idle_count];
            if (!ask(connection)) break;
            if (!connection->busy) idle[idle_count++] = connection;
            connection->sent = start + turns * interval;
        }
        turn(1);
    }
    finish();
}

int main(int count, char **arguments) {
    static const struct option options[] = {
        {"port", 1, 0, 'p'}, {"connections", 1, 0, 'c'}, {"requests", 1, 0, 'r'}, {"seconds", 1, 0, 's'},
        {"count", 1, 0, 'n'}, {"waves", 1, 0, 'w'}, {"spread", 1, 0, 'd'}, {"rate", 1, 0, 'a'}, {"once", 0, 0, 'o'}, {0}};
    double seconds = 0;
    for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
        switch (option) {
        case 'p': port = atoi(optarg); break;
        case 'c': width = atoi(optarg); break;
        case 'r': read_requests(optarg); break;
        case 's': seconds = atof(optarg); break;
        case 'n': limit_count = strtoull(optarg, NULL, 10); break;
        case 'w': waves = atoi(optarg); break;
        case 'd': spread = atof(optarg) * 1000000; break;
        case 'a': rate = atof(optarg); break;
        case 'o': once = 1; break;
        default: return 2;
        }
    }
    if (!port || !request_count || width < 1 || (rate > 0 && (waves || seconds <= 0))) return 2;
    poller = epoll_create1(0);
    all = calloc(width, sizeof *all);
    for (int i = 0; i < width; i++) dial(&all[i]);
    uint64_t start = now();
    if (seconds > 0) end_time = start + (uint64_t)(seconds * 1e9);
    if (waves) run_waves();
    else if (rate > 0) run_open();
    else run_closed();
    double elapsed = (now() - start) / 1e9;
    printf("\"done\":%llu,\"broken\":%llu,\"seconds\":%.6f,\"peak\":%d,\"refusal\":\"%s\",\"statuses\":{",
        (unsigned long long)done, (unsigned long long)broken, elapsed, peak, refusal);
    const char *comma = "";
    for (int i = 0; i < 1000; i++)
        if (statuses[i]) {
            printf("%s\"%d\":%llu", comma, i, (unsigned long long)statuses[i]);
            comma = ",";
        }
    printf("},");
    print_latencies(latencies, done);
    printf(",\"unsent\":%llu,\"successes\":{\"count\":%llu,", (unsigned long long)unsent,
        (unsigned long long)success_count);
    print_latencies(successes, success_count);
    printf("}}\n");
    return 0;
}
