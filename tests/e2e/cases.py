"""What a case is: a promise, and the steps that hold us to it."""

import time
import traceback

from programs import Failed

CASES = []


def case(promise):
    """Adds a case to those of the run, in the order of the files."""

    def add(steps):
        CASES.append((promise, steps))
        return steps

    return add


def check(is_so, what):
    if not is_so:
        raise Failed(what)


def equal(found, expected, what):
    if found != expected:
        raise Failed(f"{what}: expected {expected!r}, found {found!r}")


def holds(text, *parts):
    """Every part is in the text."""
    for part in parts:
        if part not in text:
            raise Failed(f"{part!r} is not in:\n{text.rstrip()}")


def play(world, chosen):
    """Plays the cases that have one of these words in their promise; how many failed."""
    n_failed = n_played = 0
    for promise, steps in CASES:
        if chosen and not any(word in promise for word in chosen):
            continue
        n_played += 1
        world.proxy.disarm()
        begin, mark = time.monotonic(), world.proxy.mark()
        try:
            steps(world)
            said = "ok  "
        except Failed as failure:
            said, n_failed = "FAIL", n_failed + 1
            reason = str(failure)
        except Exception:
            said, n_failed = "FAIL", n_failed + 1
            reason = traceback.format_exc()
        print(f"{said} {promise} ({time.monotonic() - begin:.1f} s)", flush=True)
        if said == "FAIL":
            requests = "\n".join(str(one) for one in world.proxy.since(mark))
            print(indented(f"{reason.rstrip()}\nrequests:\n{requests}"), flush=True)
    if n_played == 0:
        raise Failed(f"no case has one of the words {' '.join(chosen)}")
    print(f"e2e: {n_played - n_failed} of {n_played} cases passed", flush=True)
    return n_failed


def indented(text):
    return "\n".join(f"     {line}" for line in text.splitlines())
