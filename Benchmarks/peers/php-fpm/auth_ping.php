<?php
// Tuned: opcache, a static pool, a Redis connection for life without a probe before each use (pool.conf).

const LEEWAY = 60;

function decoded(string $text): string|false
{
    return base64_decode(strtr($text, '-_', '+/'), true);
}

function check(?string $token): int
{
    if ($token === null) return 401;
    if (strncasecmp($token, 'bearer ', 7) === 0) $token = substr($token, 7);
    $parts = explode('.', $token);
    if (count($parts) !== 3) return 401;
    [$header, $payload, $signature] = $parts;
    if ((json_decode((string)decoded($header), true)['alg'] ?? '') !== 'HS256') return 401;
    $expected = hash_hmac('sha256', "$header.$payload", $_SERVER['TOKEN_KEY'], true);
    if (!hash_equals($expected, (string)decoded($signature))) return 401;
    $claims = json_decode((string)decoded($payload), true);
    $now = time();
    if (!is_numeric($claims['exp'] ?? null) || $claims['exp'] + LEEWAY <= $now) return 401;
    if (($claims['nbf'] ?? 0) - LEEWAY > $now) return 401;
    if (($claims['scp'] ?? '') !== 'rocket' || ($claims['sub'] ?? '') !== $_SERVER['TENANT']) return 401;
    try {
        $redis = new Redis();
        $redis->pconnect($_SERVER['REDIS_SOCKET']);
        return $redis->exists('cg:revoked:' . $claims['jti']) ? 401 : 200;
    } catch (RedisException $error) {
        return 503;
    }
}

$status = check($_SERVER['HTTP_AUTHORIZATION'] ?? null);
header('Content-Type: application/json', true, $status);
header('Cache-Control: no-store');
echo match ($status) {
    200 => '"pong"',
    401 => '{"status":"unauthorized"}',
    default => '{"status":"service unavailable"}',
};
