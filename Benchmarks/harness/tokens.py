"""Access tokens as the gateway issues them, and broken ones."""

import base64
import hashlib
import hmac
import json
import time

KEY = "benchmark-token-key-of-48-bytes-0123456789abcdef"
TENANT = "10000000-0000-4000-8000-000000000000"
REVOKED = "revokedrevokedrevokedrevoked0000"


def _part(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=")


def access_token(key=KEY, header=None, **changes):
    now = int(time.time())
    claims = {"jti": "2e0eee3ec852bfb5e5da22fde5ead208", "sub": TENANT, "exp": now + 43200, "iat": now,
              "scp": "rocket", "nbf": now, **changes}
    header = header or {"typ": "JWT", "alg": "HS256"}
    signed = b".".join(_part(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return (signed + b"." + _part(hmac.new(key.encode(), signed, hashlib.sha256).digest())).decode()


def refused_tokens():
    """What every contestant has to refuse, so that all do the same work."""
    now = int(time.time())
    return {
        "a foreign key": access_token(key="another-key-another-key-another-key"),
        "alg none": access_token(header={"typ": "JWT", "alg": "none"}),
        "expired": access_token(exp=now - 120),
        "not yet valid": access_token(nbf=now + 120),
        "another scope": access_token(scp="else"),
        "another tenant": access_token(sub="10000000-0000-4000-8000-0fffffffffff"),
        "revoked": access_token(jti=REVOKED),
    }
