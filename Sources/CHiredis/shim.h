// hiredis's asynchronous interface, 0.14 (Debian 12) and 1.x, and a guard in front of its reply reader.
#ifndef CUSTOMERS_HIREDIS_SHIM_H
#define CUSTOMERS_HIREDIS_SHIM_H

#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

// The guard: hiredis builds every reply through a table of functions that belongs to its reader. Ours look at each
// piece before hiredis's own function makes it, and answer NULL for what must not be: hiredis then reports "out of
// memory" and drops the connection in order, where it would otherwise abort the process (a reply that nobody asked
// for, a pub/sub message of another shape) or allocate whatever the peer says (an array of two thousand million
// elements). Hazards X2, X13, X14 and X17.
typedef struct customers_redis_guard {
    redisReplyObjectFunctions functions;        // what the reader calls
    const redisReplyObjectFunctions *original;  // what hiredis installed
    redisAsyncContext *context;
    size_t max_elements;  // of one reply, all levels together
    size_t max_bytes;     // of one reply, all strings together
    int max_depth;
    size_t elements;      // of the reply being read
    size_t bytes;
    int subscriber;       // the connection has sent SUBSCRIBE and gets nothing but its messages
    const char *refusal;  // why the guard said no; NULL while it has not
} customers_redis_guard;

static inline int customers_redis_refuse(customers_redis_guard *guard, const char *why) {
    guard->refusal = why;
    return 0;
}

static inline int customers_redis_admit(
    const redisReadTask *task, const char *text, size_t length, size_t elements) {
    customers_redis_guard *guard = (customers_redis_guard *)task->privdata;
    if (guard == NULL) return 0;
    if (task->parent == NULL) {
        guard->elements = 0;
        guard->bytes = 0;
        // An error that nobody asked for ("max number of clients reached") is handled by hiredis itself, with its text.
        if (task->type != REDIS_REPLY_ERROR) {
            if (guard->subscriber) {
                if (elements != 3) return customers_redis_refuse(guard, "a reply that is no message on a subscription");
            } else if (guard->context->replies.head == NULL) {
                return customers_redis_refuse(guard, "a reply that nobody asked for");
            }
        }
    } else if (guard->subscriber && task->parent->parent == NULL && task->idx < 2) {
        if (text == NULL || task->type != REDIS_REPLY_STRING) {
            return customers_redis_refuse(guard, "a message of unknown shape on a subscription");
        }
        if (task->idx == 0 && !(length == 9 && memcmp(text, "subscribe", 9) == 0)
            && !(length == 7 && memcmp(text, "message", 7) == 0)) {
            return customers_redis_refuse(guard, "a message of unknown kind on a subscription");
        }
    }
    int depth = 0;
    for (const redisReadTask *level = task->parent; level != NULL; level = level->parent) depth++;
    if (depth > guard->max_depth) return customers_redis_refuse(guard, "a reply nested too deeply");
    if (elements > guard->max_elements - guard->elements) {
        return customers_redis_refuse(guard, "a reply with too many elements");
    }
    if (length > guard->max_bytes - guard->bytes) return customers_redis_refuse(guard, "a reply that is too large");
    guard->elements += elements;
    guard->bytes += length;
    return 1;
}

static inline const redisReplyObjectFunctions *customers_redis_original(const redisReadTask *task) {
    return ((customers_redis_guard *)task->privdata)->original;
}

static void *customers_redis_string(const redisReadTask *task, char *text, size_t length) {
    if (!customers_redis_admit(task, text, length, 0)) return NULL;
    return customers_redis_original(task)->createString(task, text, length);
}

// Debian's 0.14 declares an `int` and defines a `size_t`; a `size_t` that fits an `int` is passed alike to both.
typedef void *customers_redis_create_array(const redisReadTask *, size_t);

#if HIREDIS_MAJOR >= 1
static void *customers_redis_array(const redisReadTask *task, size_t elements) {
#else
static void *customers_redis_array(const redisReadTask *task, int elements) {
    if (elements < 0) return NULL;
#endif
    if (!customers_redis_admit(task, NULL, 0, (size_t)elements)) return NULL;
    return ((customers_redis_create_array *)customers_redis_original(task)->createArray)(task, (size_t)elements);
}

static void *customers_redis_integer(const redisReadTask *task, long long value) {
    if (!customers_redis_admit(task, NULL, 0, 0)) return NULL;
    return customers_redis_original(task)->createInteger(task, value);
}

static void *customers_redis_nil(const redisReadTask *task) {
    if (!customers_redis_admit(task, NULL, 0, 0)) return NULL;
    return customers_redis_original(task)->createNil(task);
}

#if HIREDIS_MAJOR >= 1
static void *customers_redis_double(const redisReadTask *task, double value, char *text, size_t length) {
    if (!customers_redis_admit(task, NULL, length, 0)) return NULL;
    return customers_redis_original(task)->createDouble(task, value, text, length);
}

static void *customers_redis_bool(const redisReadTask *task, int value) {
    if (!customers_redis_admit(task, NULL, 0, 0)) return NULL;
    return customers_redis_original(task)->createBool(task, value);
}
#endif

/// Puts the guard in front of the context's reader. The guard's limits are set; it outlives the context.
static inline void customers_redis_guard_install(customers_redis_guard *guard, redisAsyncContext *context) {
    redisReader *reader = context->c.reader;
    guard->context = context;
    guard->original = reader->fn;
    guard->functions = *reader->fn;
    guard->functions.createString = customers_redis_string;
    guard->functions.createArray = customers_redis_array;
    guard->functions.createInteger = customers_redis_integer;
    guard->functions.createNil = customers_redis_nil;
#if HIREDIS_MAJOR >= 1
    guard->functions.createDouble = customers_redis_double;
    guard->functions.createBool = customers_redis_bool;
#endif
    reader->fn = &guard->functions;
    reader->privdata = guard;
}

/// hiredis writes without MSG_NOSIGNAL: unless the program has its own handler, SIGPIPE is ignored (hazard X19).
static inline void customers_ignore_broken_pipes(void) {
    struct sigaction action;
    if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL) signal(SIGPIPE, SIG_IGN);
}

#endif
