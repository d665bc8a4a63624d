"""A device that has a serial: it opens sessions, and shows them with what it asks.

Who gives serials is not the store but the brand of the device; the proxy takes that part.
"""

import json
import re
import shutil

from cases import case, check, equal, holds
from programs import wait_for
from signing import AUTHORITY, NOW

REGISTRAR = "/registrar/"
MODEL = "lumen-registered"


def registrar(world):
    """Answers devices that ask for a serial."""

    def answer(asked):
        if asked.path == REGISTRAR + "request-id":
            return 200, "application/json", json.dumps({"request-id": "request-1"})
        request = asked.body.decode()
        lines = re.search(r"^device-key:\n((?:    .*\n)+)", request, re.M)[1].splitlines()
        serial = world.signer.sign(
            "serial", brand_id=AUTHORITY, model=MODEL, serial="lumen-0001", timestamp=NOW,
            device_key="\n".join(line[4:] for line in lines),
            device_key_sha3_384=re.search(r"^sign-key-sha3-384: (\S+)$", request, re.M)[1],
        )
        return 200, "application/x.ubuntu.assertion", serial

    return answer


@case("a device begins with the snaps of its image, and registers")
def registers(world):
    world.proxy.others[REGISTRAR] = registrar(world)
    model = world.shelf.model(MODEL, "lumen-base", gadget="lumen-gadget")
    image = world.folder("registered-image")
    world.tool.snap("prepare-image", "--classic", model, image)
    device = world.registered = world.new_device("registered")
    shutil.copytree(image / "var/lib/snapd/seed", device.root / "var/lib/snapd/seed")
    device.start()
    wait_for("the device is seeded", lambda: "lumen-gadget" in device.installed(), 120, device.end)
    serial = wait_for("the device has a serial", lambda: device.attempt("known", "serial").output, 180, device.end)
    holds(serial, "serial: lumen-0001", f"model: {MODEL}")


@case("a registered device opens a session, and shows it with every request")
def opens_a_session(world):
    mark = world.proxy.mark()
    world.registered.snap("install", "gridkit")
    nonces = world.proxy.since(0, r"^/api/v1/snaps/auth/nonces", "POST")
    sessions = world.proxy.since(0, r"^/api/v1/snaps/auth/sessions", "POST")
    check(nonces and sessions, "a nonce was drawn and a session opened")
    equal({one.status for one in nonces + sessions}, {200}, "how they were answered")
    asked = [one for one in world.proxy.since(mark, r"^/v2/snaps/refresh") if one.actions("install")]
    shown = [one.headers.get("Snap-Device-Authorization", "") for one in asked]
    check(all(one.startswith('Macaroon root="') for one in shown), f"every one of {len(shown)} requests shows it")
    equal({one.status for one in asked}, {200}, "how they were answered")


@case("a session that the store knows no more is opened anew")
def renews_a_session(world):
    opened = len(world.proxy.since(0, r"^/api/v1/snaps/auth/sessions", "POST"))
    world.store.restart(world.proxy.base, SNAPWISE_CREDENTIAL_KEY="another-secret-of-this-run")
    world.registered.snap("refresh")
    equal(len(world.proxy.since(0, r"^/api/v1/snaps/auth/sessions", "POST")), opened + 1, "how many sessions were opened")
