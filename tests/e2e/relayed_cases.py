"""Stores behind the first one: a relay that passes on what it does not hold, and one that is never online."""

import re
import urllib.request

from cases import case, check, equal
from programs import wait_for
from shelf import IDS
from store import Store

DOWNLOAD = r"^/api/v1/snaps/download/"
ASSERTION = r"^/v2/assertions/"


def device_of(world, name, store):
    """A new device that asks that store and no other."""
    device = world.new_device(name, f"http://127.0.0.1:{store.port}/")
    device.start()
    device.snap("wait", "system", "seed.loaded")
    return device


def open_store(world, name, fill, **env):
    """Serves a store of its own, which is filled first."""
    store = world.another_store(name)
    store.env |= env
    store.start(f"http://127.0.0.1:{store.port}")
    fill(store)
    return store


def installs(device, name):
    device.snap("install", name)
    check(name in device.installed(), f"{name} is installed")


@case("a snap is installed through a relay, which keeps what it passed through")
def through_a_relay(world):
    documents = world.work / "documents.jsonl"
    documents.write_text(world.store.command("catalogue", "export"))
    relay = open_store(
        world, "relay", lambda store: store.publish("catalogue", "import", documents), SNAPWISE_UPSTREAM=world.proxy.base,
    )
    mark = world.proxy.mark()
    first = device_of(world, "relayed", relay)
    installs(first, "gridkit")
    declared = [one for one in world.proxy.since(mark, ASSERTION, "GET") if IDS["gridkit"] in one.path]
    check(declared, "its declaration was asked for behind the relay")
    files = [one.path for one in world.proxy.since(mark, DOWNLOAD, "GET") if IDS["gridkit"] in one.path]
    equal(len(files), 1, "how often its file was fetched behind the relay")
    equal(world.proxy.since(mark, r"^/v2/snaps/refresh"), [], "refreshes that were passed on")
    # The second device has it all from the relay.
    held = f"http://127.0.0.1:{relay.port}{files[0]}"
    wait_for("the file is kept", lambda: relay.generation() > 1)
    mark = world.proxy.mark()
    installs(device_of(world, "relayed-too", relay), "gridkit")
    again = [one.path for one in world.proxy.since(mark, DOWNLOAD, "GET") if IDS["gridkit"] in one.path]
    equal(again, [], "what was fetched again behind the relay")
    with urllib.request.urlopen(held, timeout=10) as answer:
        check(len(answer.read()) > 0, "the relay gives the file out")
    relay.check_survived()


@case("a snap is installed from a store that was filled by a mirror and is never online")
def from_a_mirror(world):
    def fill(store):
        store.command("mirror", "lumen-shelf", "snapd", "--channel", "stable", "--upstream", world.proxy.base)
        wait_for("what was mirrored is served", store.generation, is_over=store.server.end)

    root_key = re.search(r"^public-key-sha3-384: (\S+)$", world.signer.trusted()[1], re.M)[1]
    mirror = open_store(world, "mirror", fill, SNAPWISE_ROOT_KEYS=root_key)
    mirror.restart(f"http://127.0.0.1:{mirror.port}", SNAPWISE_OFFLINE="on")
    mark = world.proxy.mark()
    device = device_of(world, "offline", mirror)
    installs(device, "lumen-shelf")
    missed = device.attempt("install", "lumen-notes")
    check(missed.code != 0 and "not found" in missed.output, f"what was not mirrored is not there: {missed}")
    equal(world.proxy.since(mark, r"^/"), [], "what was asked of the store behind it")
    mirror.check_survived()
