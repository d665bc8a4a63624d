"""The client alone: what `snap` does without a daemon, to look something up, to fetch a snap, to build an image."""

import re

from cases import case, check, equal, holds
from shelf import IDS, LUMEN
from signing import AUTHORITY, digest

DOWNLOAD = r"^/api/v1/snaps/download/.*\.snap"


def download(world, *words, **options):
    """Runs `snap download` into a folder of its own; the outcome and the folder."""
    folder = world.folder("download")
    return world.tool.attempt("download", "--target-directory", folder, *words, **options), folder


@case("an assertion is found by its key, and one that is not there is not found")
def known(world):
    found = world.tool.snap("known", "--remote", "--direct", "snap-declaration", "series=16", f"snap-id={IDS['gridkit']}")
    holds(found, "type: snap-declaration", "snap-name: gridkit", f"publisher-id: {LUMEN['id']}")
    found = world.tool.snap("known", "--remote", "--direct", "account", f"account-id={LUMEN['id']}")
    holds(found, "username: lumen")
    mark = world.proxy.mark()
    missed = world.tool.attempt("known", "--remote", "--direct", "account", "account-id=nobody")
    holds(missed.output, "account (nobody) not found")
    miss = world.proxy.since(mark, "/v2/assertions/account/nobody")[0]
    equal((miss.status, miss.answer_headers["Content-Type"]), (404, "application/json"), "the answer to a miss")


@case("a snap is downloaded with the assertions that vouch for it")
def downloads(world):
    outcome, folder = download(world, "lumen-notes")
    equal(outcome.code, 0, f"how {outcome} ended")
    file, asserted = folder / "lumen-notes_10.snap", (folder / "lumen-notes_10.assert").read_text()
    equal(file.read_bytes(), world.files["lumen-notes", 10].read_bytes(), "the file")
    holds(asserted, "type: account\n", "type: snap-declaration", "type: snap-revision", f"snap-sha3-384: {digest(file)}")


@case("a download of a channel is of its revision")
def downloads_a_channel(world):
    outcome, folder = download(world, "--edge", "lumen-notes")
    equal(outcome.code, 0, f"how {outcome} ended")
    equal(sorted(path.name for path in folder.iterdir()), ["lumen-notes_15.assert", "lumen-notes_15.snap"], "files")




@case("a snap that is not there cannot be downloaded")
def downloads_nothing(world):
    outcome, _ = download(world, "no-such-snap")
    equal(outcome.code, 1, f"how {outcome} ended")
    holds(outcome.output, 'cannot download snap "no-such-snap": snap not found')


@case("a download whose connection is killed goes on where it was")
def resumes(world):
    mark, fault = world.proxy.mark(), world.proxy.arm(DOWNLOAD, "cut", 2)
    outcome, folder = download(world, "lumen-notes")
    equal((outcome.code, fault.n_done), (0, 2), f"how {outcome} ended, with how many killed connections")
    equal((folder / "lumen-notes_10.snap").read_bytes(), world.files["lumen-notes", 10].read_bytes(), "the file")
    asked = world.proxy.since(mark, DOWNLOAD, "GET")
    equal([one.status for one in asked], [200, 206, 206], "how the parts were answered")
    begins = [int(re.fullmatch(r"bytes=(\d+)-", one.headers["Range"])[1]) for one in asked[1:]]
    check(0 < begins[0] < begins[1], f"each part begins where the last one ended: {begins}")


@case("a download with a damaged byte is repeated once")
def repeats_a_damaged_download(world):
    mark, fault = world.proxy.mark(), world.proxy.arm(DOWNLOAD, "corrupt")
    outcome, folder = download(world, "lumen-notes")
    equal((outcome.code, fault.n_done), (0, 1), f"how {outcome} ended, with how many damaged files")
    equal((folder / "lumen-notes_10.snap").read_bytes(), world.files["lumen-notes", 10].read_bytes(), "the file")
    equal([one.status for one in world.proxy.since(mark, DOWNLOAD, "GET")], [200, 200], "how it was answered")


@case("a download that is damaged again is refused for its digest")
def refuses_a_damaged_download(world):
    fault = world.proxy.arm(DOWNLOAD, "corrupt", 2)
    outcome, _ = download(world, "lumen-notes")
    equal((outcome.code, fault.n_done), (1, 2), f"how {outcome} ended, with how many damaged files")
    holds(outcome.output, "sha3-384 mismatch")


@case("an image is prepared with everything its model needs")
def prepares_an_image(world):
    image = world.folder("image")
    model = world.shelf.model("lumen-classic", "lumen-notes", "lumen-shelf", "lumen-base")
    said = world.tool.snap("prepare-image", "--classic", model, image)
    seed = image / "var/lib/snapd/seed"
    snaps = sorted(path.name for path in (seed / "snaps").iterdir())
    equal(snaps, ["lumen-base_1.snap", "lumen-notes_10.snap", "lumen-shelf_3.snap", "snapd_1.snap"], f"snaps after {said}")
    types = "".join(path.read_text() for path in (seed / "assertions").iterdir())
    holds(types, "type: model", f"brand-id: {AUTHORITY}", "type: snap-declaration", "type: snap-revision")
