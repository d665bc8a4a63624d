"""A loopback proxy between snapd and the store: it notes every request, and damages an answer when it is told to."""

import http.client
import io
import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Of a hop, not of a message.
HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-connection"}
CHUNK = 64 * 1024
# A store that says nothing for so long has lost the request; snapd gives an attempt 10 s.
TIMEOUT_S = 30


class Fault:
    """What is done to the next answers of a path: one byte of them is changed, or they end in the middle."""

    def __init__(self, path, kind, n_left):
        self.path, self.kind, self.n_left, self.n_done = re.compile(path), kind, n_left, 0


class Asked:
    """One request as it came, and what was answered."""

    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.status = self.answer_headers = self.answer = None

    def json(self):
        return json.loads(self.body)

    def actions(self, word=None):
        """The actions of a request of `/v2/snaps/refresh`, or those of one kind."""
        return [one for one in self.json().get("actions", []) if word in (None, one["action"])]

    def __str__(self):
        return f"{self.method} {self.path} {self.status}"


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A connection that breaks is for its client to tell."""


class Own(io.BytesIO):
    """An answer that is not the store's."""

    def __init__(self, status, content_type, text):
        super().__init__(text.encode())
        self.status, self.reason, self.content_type = status, "Own", content_type

    def getheaders(self):
        return [("Content-Type", self.content_type), ("Content-Length", str(len(self.getvalue())))]


class Proxy:
    """Listens on a loopback port until it is closed; `asked` is what came, in order."""

    def __init__(self, upstream_port):
        self.upstream_port = upstream_port
        self.asked, self.faults = [], []
        # Beginnings of paths that are not the store's: who answers them, with a status, a content type and a text.
        self.others = {}
        self.lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = TIMEOUT_S

            def relay(self):
                proxy._relay(self)

            do_GET = do_HEAD = do_POST = do_PUT = relay

            def log_message(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def arm(self, path, kind, n_times=1):
        """Has the next answers of paths that match damaged: `corrupt` or `cut`."""
        fault = Fault(path, kind, n_times)
        with self.lock:
            self.faults.append(fault)
        return fault

    def disarm(self):
        """Damages nothing any more."""
        with self.lock:
            self.faults.clear()

    def mark(self):
        """A place in the list of what was asked, for `since`."""
        with self.lock:
            return len(self.asked)

    def since(self, mark, path="", method=None):
        """What was asked since the mark, of paths that match."""
        with self.lock:
            asked = self.asked[mark:]
        return [one for one in asked if re.search(path, one.path) and method in (None, one.method)]

    def write(self, file):
        """Writes what was asked, a request a line."""
        with self.lock, open(file, "w") as output:
            for one in self.asked:
                noted = {"method": one.method, "path": one.path, "headers": one.headers, "status": one.status}
                noted |= {"body": one.body.decode(errors="replace"), "answer-headers": one.answer_headers}
                json.dump(noted, output)
                output.write("\n")

    def _fault(self, path):
        with self.lock:
            for fault in self.faults:
                if fault.n_left > 0 and fault.path.search(path):
                    fault.n_left -= 1
                    fault.n_done += 1
                    return fault.kind
        return None

    def _relay(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        asked = Asked(handler.command, handler.path, dict(handler.headers), body)
        with self.lock:
            self.asked.append(asked)
        for path, answer in self.others.items():
            if handler.path.startswith(path):
                return self._answer(handler, asked, Own(*answer(asked)))
        upstream = http.client.HTTPConnection("127.0.0.1", self.upstream_port, timeout=TIMEOUT_S)
        try:
            upstream.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
            for name, value in handler.headers.items():
                if name.lower() not in HOP:
                    upstream.putheader(name, value)
            upstream.endheaders(body)
            self._answer(handler, asked, upstream.getresponse())
        finally:
            upstream.close()

    def _answer(self, handler, asked, answer):
        asked.status, asked.answer_headers = answer.status, {name.title(): value for name, value in answer.getheaders()}
        fault = self._fault(handler.path)
        has_length = "Content-Length" in asked.answer_headers
        # Without a length the end of the connection is the end of the answer.
        handler.close_connection |= not has_length
        handler.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                handler.send_header(name, value)
        if handler.close_connection:
            handler.send_header("Connection", "close")
        handler.end_headers()
        if handler.command == "HEAD":
            return
        half = int(asked.answer_headers.get("Content-Length") or 0) // 2
        kept, n_sent = [], 0
        while chunk := answer.read(CHUNK):
            if fault == "corrupt" and n_sent <= half < n_sent + len(chunk):
                at = half - n_sent
                chunk = chunk[:at] + bytes([chunk[at] ^ 0xFF]) + chunk[at + 1:]
            if fault == "cut" and n_sent + len(chunk) > half:
                handler.wfile.write(chunk[: half - n_sent])
                handler.wfile.flush()
                handler.close_connection = True
                handler.connection.shutdown(socket.SHUT_RDWR)
                return
            handler.wfile.write(chunk)
            n_sent += len(chunk)
            if n_sent <= CHUNK:
                kept.append(chunk)
        asked.answer = b"".join(kept)
