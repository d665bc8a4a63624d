"""Programs that are run to their end within a time, and programs that run beside us until they are told to go."""

import os
import signal
import subprocess
import time

# What a program has to end by. The longest is an install of several snaps on a machine that does other things too.
PATIENCE_S = 180
# What a program that runs beside us gets after it was told to go.
DRAIN_S = 20


class Failed(Exception):
    """Something is not as it was promised; the message says what."""


class Outcome:
    """How a program ended, and what it wrote."""

    def __init__(self, words, code, output):
        self.words, self.code, self.output = words, code, output

    def __str__(self):
        return f"{' '.join(self.words)}\nended with {self.code} and wrote\n{self.output.rstrip()}"


def attempt(words, env=None, cwd=None, patience_s=PATIENCE_S):
    """Runs a program; however it ends is an answer, but it has to end."""
    words = [str(word) for word in words]
    # A session of its own: what it started goes with it when it takes too long.
    process = subprocess.Popen(
        words, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=patience_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        raise Failed(f"{Outcome(words, f'nothing after {patience_s} s', output.decode(errors='replace'))}") from None
    return Outcome(words, process.returncode, output.decode(errors="replace"))


def run(words, **options):
    """Runs a program that has to succeed; its output."""
    outcome = attempt(words, **options)
    if outcome.code != 0:
        raise Failed(str(outcome))
    return outcome.output


def wait_for(what, is_so, patience_s=60, is_over=lambda: None):
    """Waits until `is_so()` gives something; `is_over()` gives the reason why it never will."""
    end = time.monotonic() + patience_s
    while True:
        found = is_so()
        if found:
            return found
        over = is_over()
        if over:
            raise Failed(f"{what}: {over}")
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {patience_s} s")
        time.sleep(0.1)


class Companion:
    """A program that runs beside us; its log is a file."""

    def __init__(self, name, words, log, env=None, cwd=None):
        self.name, self.log = name, log
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                [str(word) for word in words], env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )

    def end(self):
        """The reason why it runs no more, or nothing."""
        code = self.process.poll()
        return None if code is None else f"{self.name} ended with {code}; its log is {self.log}"

    def stop(self):
        """Tells it to go, and sees that it does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(DRAIN_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
