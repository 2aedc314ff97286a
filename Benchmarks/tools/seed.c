/* Writes Redis commands that make sessions as the gateway itself stores them: customers with a sealed chat token, its
 * owner, an open room, and the load of the agents. For `redis-cli --pipe`.
 *
 *     seed SEAL-KEY-BASE64 TENANTS AGENTS FROM TO
 *
 * Session number n belongs to tenant n mod TENANTS, customer "customer<n>" with a claimed name, room "room<n>", chat
 * token "token<n>" filled up to 43 characters, and the tenant's agent n / TENANTS mod AGENTS. Ids are made as the
 * harness makes them. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static unsigned char seal_key[32];

static void derive(const char *base64) {
    unsigned char key[128], pseudo[32], zero[32] = {0}, info[64];
    unsigned size;
    int length = EVP_DecodeBlock(key, (const unsigned char *)base64, strlen(base64));
    if (length != 33) exit(2); /* 32 bytes and what the padding stands for */
    HMAC(EVP_sha256(), zero, 32, key, 32, pseudo, &size);
    size = sprintf((char *)info, "seal-chat-token/v1") + 1;
    info[size - 1] = 1;
    HMAC(EVP_sha256(), pseudo, 32, info, size, seal_key, &size);
}

static int seal(const char *token, const char *customer, uint64_t number, unsigned char *out) {
    static EVP_CIPHER_CTX *cipher;
    int size;
    if (!cipher) cipher = EVP_CIPHER_CTX_new();
    unsigned char nonce[12] = {0};
    memcpy(nonce, &number, sizeof number);
    memcpy(out, nonce, 12);
    EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, seal_key, nonce);
    EVP_EncryptUpdate(cipher, NULL, &size, (const unsigned char *)customer, strlen(customer));
    EVP_EncryptUpdate(cipher, out + 12, &size, (const unsigned char *)token, strlen(token));
    int length = 12 + size;
    EVP_EncryptFinal_ex(cipher, out + length, &size);
    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, 16, out + length);
    return length + 16;
}

static void hex_digest(const char *text, size_t length, int bytes, char *out) {
    unsigned char digest[32];
    EVP_Digest(text, length, digest, NULL, EVP_sha256(), NULL);
    for (int i = 0; i < bytes; i++) sprintf(out + 2 * i, "%02x", digest[i]);
}

static void bulk(const void *bytes, size_t length) {
    printf("$%zu\r\n", length);
    fwrite(bytes, 1, length, stdout);
    printf("\r\n");
}
static void text(const char *value) { bulk(value, strlen(value)); }
static void command(int arguments) { printf("*%d\r\n", arguments); }

static void expire(const char *key, const char *seconds) {
    command(3);
    text("EXPIRE");
    text(key);
    text(seconds);
}

int main(int count, char **arguments) {
    if (count != 6) return 2;
    derive(arguments[1]);
    uint64_t tenants = strtoull(arguments[2], NULL, 10), agents = strtoull(arguments[3], NULL, 10);
    uint64_t from = strtoull(arguments[4], NULL, 10), to = strtoull(arguments[5], NULL, 10);
    char time_text[32];
    sprintf(time_text, "%lld", (long long)time(NULL) * 1000);
    for (uint64_t n = from; n < to; n++) {
        char tenant[64], department[64], name[32], rid[32], token[64], agent[32], label[128], joined[128];
        char hash[33], digest[65];
        char customer_key[128], room_key[128], owner_key[128], owner[128], slot[96], open[64], user[64];
        unsigned char sealed[128];
        sprintf(tenant, "10000000-0000-4000-8000-%012llx", (unsigned long long)(n % tenants));
        sprintf(department, "20000000-0000-4000-8000-%012llx", (unsigned long long)(n % tenants));
        sprintf(user, "30000000-0000-5000-8000-%012llx", (unsigned long long)n);
        sprintf(name, "customer%llu", (unsigned long long)n);
        sprintf(rid, "room%020llu", (unsigned long long)n);
        sprintf(token, "token%038llu", (unsigned long long)n);
        sprintf(agent, "agent%012llu", (unsigned long long)(n / tenants % agents));
        sprintf(label, "service_%s_%s", name, department);
        int length = sprintf(joined, "%s%cclaimed%c%s", tenant, 0, 0, name);
        hex_digest(joined, length, 16, hash);
        hex_digest(token, strlen(token), 32, digest);
        sprintf(customer_key, "cg:{%s}:customer:%s", tenant, hash);
        sprintf(room_key, "cg:{%s}:room:%s", tenant, rid);
        sprintf(owner_key, "cg:chat:%s", digest);
        sprintf(owner, "%s %s live", tenant, hash);
        sprintf(slot, "slot:%s", department);
        sprintf(open, "open:%s", rid);
        int sealed_length = seal(token, hash, n, sealed);

        const char *customer[] = {"trust", "claimed", "name", name, "user_id", user, "backend_id", user + 19,
            "username", label, "token_digest", digest, "token_made", time_text, slot, rid, open, "1"};
        command(2 + 18 + 2);
        text("HSET");
        text(customer_key);
        for (int i = 0; i < 18; i++) text(customer[i]);
        text("token");
        bulk(sealed, sealed_length);
        expire(customer_key, "2592000");
        command(5);
        text("SET");
        text(owner_key);
        text(owner);
        text("EX");
        text("7776000");
        const char *room[] = {"kind", "group", "customer", hash, "department", department, "agent", agent,
            "state", "assigned", "group_name", label, "previous", "", "opened", time_text};
        command(2 + 16);
        text("HSET");
        text(room_key);
        for (int i = 0; i < 16; i++) text(room[i]);
        expire(room_key, "2592000");
        char load_key[80], rooms_key[160], script[] =
            "redis.call('ZADD',KEYS[2],'9007199254740991',ARGV[2]) "
            "redis.call('HSET',KEYS[1],ARGV[1],redis.call('ZCARD',KEYS[2]))";
        sprintf(load_key, "cg:{%s}:load", tenant);
        sprintf(rooms_key, "cg:{%s}:agent:%s", tenant, agent);
        command(7);
        text("EVAL");
        text(script);
        text("2");
        text(load_key);
        text(rooms_key);
        text(agent);
        text(rid);
    }
    return fflush(stdout) ? 1 : 0;
}
