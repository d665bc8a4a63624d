"""The store: snapwise with a private database, as an operator runs it."""

import os
import socket
import urllib.error
import urllib.request
from pathlib import Path

from programs import Companion, Failed, attempt, run, wait_for


def free_ports(n):
    """Loopback ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Store:
    """One snapwise; the command line works on the same database while it serves."""

    def __init__(self, program, state, secret="only-for-this-run-of-e2e"):
        self.program, self.state = Path(program), Path(state)
        self.server = None
        self.port, self.internal_port = free_ports(2)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SNAPWISE_", "DATABASE_URL"))}
        self.env = kept | {
            "SNAPWISE_STATE_DIR": str(self.state), "SNAPWISE_COHORT_KEY": secret, "SNAPWISE_CREDENTIAL_KEY": secret,
            # Nobody else is asked for anything.
            "SNAPWISE_STORE_URL": "http://127.0.0.1:9", "SNAPWISE_FEATURED_REFRESH_S": "0",
        }

    def start(self, public_url):
        """Serves until `stop`."""
        self.command("migrate")
        env = self.env | {"SNAPWISE_PUBLIC_URL": public_url}
        listen = ("--listen", f"127.0.0.1:{self.port}", "--internal-listen", f"127.0.0.1:{self.internal_port}")
        self.log = self.state / "serve.log"
        self.server = Companion("snapwise", [self.program, "serve", *listen], self.log, env=env)
        wait_for("snapwise is alive", lambda: self.internal("/health/live"), is_over=self.server.end)

    def stop(self):
        if self.server:
            self.server.stop()
            self.server = None

    def restart(self, public_url, **env):
        """Serves on the same ports with other settings."""
        self.stop()
        self.env |= env
        self.start(public_url)
        wait_for("the catalogue is served", self.generation, is_over=self.server.end)

    def internal(self, path):
        """What the internal listener answers, if that is a 200."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.internal_port}{path}", timeout=10) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, OSError):
            return None

    def attempt(self, *words):
        return attempt([self.program, *words], env=self.env, cwd=self.state)

    def command(self, *words):
        """Runs a command of the operator, which has to succeed."""
        return run([self.program, *words], env=self.env, cwd=self.state)

    def generation(self):
        """The generation that is served."""
        for line in (self.internal("/metrics") or "").splitlines():
            if line.startswith("snapwise_catalogue_generation "):
                return int(float(line.split()[1]))
        return 0

    def publish(self, *words):
        """Runs a command that publishes, and waits until what it published is served."""
        before = self.generation()
        said = self.command(*words)
        wait_for(f"{' '.join(map(str, words[:2]))} is served", lambda: self.generation() > before, is_over=self.server.end)
        return said

    def import_assertions(self, file):
        return self.publish("assertions", "import", file)

    def push(self, snap, channels, assertions):
        chosen = [word for channel in channels for word in ("--channel", channel)]
        return self.publish("snap", "push", snap, *chosen, "--assertions", assertions)

    def check_survived(self):
        """The server still runs, and no part of it panicked."""
        end = self.server.end()
        if end:
            raise Failed(end)
        if "panicked at" in self.log.read_text(errors="replace"):
            raise Failed(f"snapwise panicked; see {self.log}")
