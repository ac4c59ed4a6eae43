"""What the APIs lead to, and the keys by which tokens are verified."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def base64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Upstream:
    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.url = ""

    def keys(self):
        numbers = self.key.public_key().public_numbers()
        number = lambda value: base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))
        key = {"kty": "RSA", "kid": "one", "alg": "RS256", "use": "sig", "n": number(numbers.n), "e": number(numbers.e)}
        return {"keys": [key]}

    def token(self, claims):
        now = int(time.time())
        claims = {"iss": self.url, "iat": now - 10, "exp": now + 3600, **claims}
        parts = [{"alg": "RS256", "kid": "one"}, claims]
        signed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{base64url(signature)}"


def start():
    served = Upstream()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path.endswith("/.well-known/openid-configuration"):
                body = {"issuer": served.url, "jwks_uri": served.url + "/keys"}
            elif self.path == "/keys":
                body = served.keys()
            else:
                body = {"path": self.path}
            body = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Path", self.path)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    return served
