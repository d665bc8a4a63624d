"""A real snapd against a running snapwise. `.ci/e2e` starts this; see there what is needed.

    python3 tests/e2e --snapwise PROGRAM --programs FOLDER --source FOLDER --work FOLDER [WORD…]

Words choose cases: those that have one of them in their promise.
"""

import argparse
import json
import shutil
import signal
import sys
from pathlib import Path

# Those that change what is in the channels come last.
import tooling_cases  # noqa: F401, I001, its cases are played
import daemon_cases  # noqa: F401, its cases are played
import registered_cases
import relayed_cases  # noqa: F401, its cases are played
from cases import play
from device import Device, tools
from programs import Failed
from proxy import Proxy
from shelf import Shelf
from signing import Signer
from store import Store


class World:
    """What the cases share: a store, a proxy before it, a device, and the snaps there are."""

    def __init__(self, options):
        self.work = options.work
        # The private PostgreSQL may run as a user of its own, who has to get through.
        self.work.chmod(0o711)
        path = tools(self.work / "path", options.programs)
        self.store = Store(options.snapwise, self.folder("store"))
        self.proxy = Proxy(self.store.port)
        self.signer = Signer(options.programs / "snap", options.source, self.work / "keys")
        self.shelf = Shelf(
            self.work / "shelf", self.signer, self.store, options.programs / "snap", path,
            self.proxy.base + registered_cases.REGISTRAR,
        )
        self.programs, self.path, self.devices, self.files = options.programs, path, [], {}
        self.others = []
        self.device = self.new_device("device")
        # What is asked without a daemon is asked from a root that never had one.
        self.tool = self.new_device("tool")

    def new_device(self, name, store=None):
        """A device that nothing was ever done with; it asks the first store, or the one at that address."""
        device = Device(self.folder(name), self.programs, self.path, store or self.proxy.base + "/")
        self.devices.append(device)
        return device

    def another_store(self, name):
        """A store with nothing in it, for the caller to start."""
        store = Store(self.store.program, self.folder(name))
        self.others.append(store)
        return store

    def folder(self, name):
        """A new folder of the run."""
        n = 0
        while (folder := self.work / (f"{name}-{n}" if n else name)).exists():
            n += 1
        folder.mkdir()
        folder.chmod(0o755)
        return folder

    def open(self):
        """Serves the first snaps, and turns the device on."""
        self.store.start(self.proxy.base)
        self.shelf.open()
        self.push("snapd", 1, "2.57.6", "stable")
        self.push("lumen-base", 1, "1", "stable")
        self.push("lumen-shelf", 3, "1.0", "stable")
        self.push("lumen-notes", 10, "1.0", "stable")
        self.push("lumen-notes", 15, "1.5", "edge")
        self.push("gridkit", 5, "0.5", "stable")
        self.push("lumen-gadget", 1, "1", "stable")
        self.device.start()

    def close(self):
        """Ends whatever was started."""
        for device in self.devices:
            device.stop()
        for store in [self.store, *self.others]:
            store.stop()
        self.proxy.close()
        self.proxy.write(self.work / "requests.jsonl")
        self.signer.close()

    def push(self, name, revision, version, *channels):
        self.files[name, revision] = self.shelf.push(name, revision, version, *channels)

    def set_default_track(self, name, track):
        """Says in a document which track is led to."""
        exported = self.work / f"{name}.jsonl"
        exported.write_text(self.store.command("catalogue", "export", "--snap", name))
        document = json.loads(exported.read_text())
        document["default-track"] = track
        exported.write_text(json.dumps(document))
        self.store.publish("catalogue", "import", exported)

    def forget_downloads(self):
        """Takes from the device the files that it keeps of earlier downloads."""
        shutil.rmtree(self.device.root / "var/lib/snapd/cache", ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(prog="e2e", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--snapwise", type=lambda text: Path(text).resolve(), required=True, help="the program to try")
    parser.add_argument("--programs", type=lambda text: Path(text).resolve(), required=True, help="the folder with snap and snapd")
    parser.add_argument("--source", type=lambda text: Path(text).resolve(), required=True, help="the folder of snapd's source, where its test keys are")
    parser.add_argument("--work", type=lambda text: Path(text).resolve(), required=True, help="an empty folder for everything that is made")
    parser.add_argument("words", nargs="*", help="play only cases with one of these words")
    options = parser.parse_args()
    # Told to go, it ends what it started as after any other failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    world = World(options)
    try:
        world.open()
        n_failed = play(world, options.words)
        world.store.check_survived()
    except Failed as failure:
        sys.exit(f"e2e: {failure}")
    finally:
        world.close()
    sys.exit(1 if n_failed else 0)


if __name__ == "__main__":
    main()
