/* The usual way to write this in C: threads that block in libfcgi, each with its own kept hiredis connection.
 *
 *     auth_ping SOCKET REDIS-SOCKET KEY-FILE TENANT THREADS
 *
 * Tuned: the HMAC key schedule is made once a thread, one write an answer, backlog 4,096, a Redis connection for life.
 */
#include <cjson/cJSON.h>
#include <fcgiapp.h>
#include <hiredis/hiredis.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* HMAC_CTX: still the cheapest way to keep a key ready */

enum { LEEWAY = 60, LONGEST = 4096 };

static const char *redis_path, *tenant;
static unsigned char key[256];
static int key_length, listener;

/* base64url without padding; the length, or -1. */
static int decode(const char *text, size_t length, unsigned char *out) {
    unsigned group = 0;
    int bits = 0, count = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        unsigned value;
        if (c >= 'A' && c <= 'Z') value = c - 'A';
        else if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
        else if (c >= '0' && c <= '9') value = c - '0' + 52;
        else if (c == '-') value = 62;
        else if (c == '_') value = 63;
        else return -1;
        group = group << 6 | value;
        bits += 6;
        if (bits >= 8) out[count++] = group >> (bits -= 8);
    }
    return count;
}

static cJSON *decoded_json(const char *text, size_t length) {
    unsigned char bytes[LONGEST];
    int count = length > LONGEST ? -1 : decode(text, length, bytes);
    return count < 0 ? NULL : cJSON_ParseWithLength((const char *)bytes, count);
}

static int is(const cJSON *object, const char *name, const char *wanted) {
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return value && strcmp(value, wanted) == 0;
}

/* 200, 401 or 503. */
static int check(const char *token, HMAC_CTX *mac, redisContext **redis) {
    if (!token) return 401;
    if (strncasecmp(token, "bearer ", 7) == 0) token += 7;
    const char *first = strchr(token, '.'), *second = first ? strchr(first + 1, '.') : NULL;
    if (!second || strchr(second + 1, '.')) return 401;
    int status = 401;
    cJSON *header = decoded_json(token, first - token), *claims = NULL;
    unsigned char signature[LONGEST], expected[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    size_t rest = strlen(second + 1);
    if (!is(header, "alg", "HS256") || rest > LONGEST || decode(second + 1, rest, signature) != 32) goto done;
    HMAC_Init_ex(mac, NULL, 0, NULL, NULL);
    HMAC_Update(mac, (const unsigned char *)token, second - token);
    HMAC_Final(mac, expected, &length);
    if (length != 32 || CRYPTO_memcmp(signature, expected, 32) != 0) goto done;
    claims = decoded_json(first + 1, second - first - 1);
    const cJSON *exp = cJSON_GetObjectItemCaseSensitive(claims, "exp");
    const cJSON *nbf = cJSON_GetObjectItemCaseSensitive(claims, "nbf");
    const char *jti = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(claims, "jti"));
    double now = time(NULL);
    if (!cJSON_IsNumber(exp) || exp->valuedouble + LEEWAY <= now) goto done;
    if (nbf && (!cJSON_IsNumber(nbf) || nbf->valuedouble - LEEWAY > now)) goto done;
    if (!is(claims, "scp", "rocket") || !is(claims, "sub", tenant) || !jti) goto done;
    if (!*redis) *redis = redisConnectUnix(redis_path);
    redisReply *reply = *redis && !(*redis)->err ? redisCommand(*redis, "EXISTS cg:revoked:%s", jti) : NULL;
    if (!reply) {
        if (*redis) redisFree(*redis);
        *redis = NULL;
        status = 503;
        goto done;
    }
    if (reply->type == REDIS_REPLY_INTEGER && reply->integer == 0) status = 200;
    freeReplyObject(reply);
done:
    cJSON_Delete(header);
    cJSON_Delete(claims);
    return status;
}

#define ANSWER(status, body) \
    "Status: " status "\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n\r\n" body

static void *serve(void *unused) {
    FCGX_Request request;
    redisContext *redis = NULL;
    HMAC_CTX *mac = HMAC_CTX_new();
    HMAC_Init_ex(mac, key, key_length, EVP_sha256(), NULL);
    FCGX_InitRequest(&request, listener, 0);
    while (FCGX_Accept_r(&request) >= 0) {
        int status = check(FCGX_GetParam("HTTP_AUTHORIZATION", request.envp), mac, &redis);
        const char *answer = status == 200 ? ANSWER("200 OK", "\"pong\"")
            : status == 401 ? ANSWER("401 Unauthorized", "{\"status\":\"unauthorized\"}")
                            : ANSWER("503 Service Unavailable", "{\"status\":\"service unavailable\"}");
        FCGX_PutStr(answer, strlen(answer), request.out);
        FCGX_Finish_r(&request);
    }
    return unused;
}

int main(int count, char **arguments) {
    if (count != 6) return 2;
    redis_path = arguments[2];
    tenant = arguments[4];
    FILE *file = fopen(arguments[3], "r");
    if (!file) return 2;
    key_length = fread(key, 1, sizeof key, file);
    if (key_length && key[key_length - 1] == '\n') key_length--;
    fclose(file);
    FCGX_Init();
    listener = FCGX_OpenSocket(arguments[1], 4096);
    if (listener < 0) return 1;
    chmod(arguments[1], 0666);
    int threads = atoi(arguments[5]);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 * 1024);
    pthread_t last;
    for (int i = 0; i < threads; i++)
        if (pthread_create(&last, &small, serve, NULL) != 0) return 1;
    return pthread_join(last, NULL);
}
