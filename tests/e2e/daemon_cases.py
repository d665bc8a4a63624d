"""The daemon: what a person does with `snap` on a device, one after the other on the same device."""

from datetime import datetime, timedelta, timezone

from cases import case, check, equal, holds
from programs import wait_for
from shelf import IDS, LUMEN

NOTES = IDS["lumen-notes"]
REFRESH = r"^/v2/snaps/refresh"
DOWNLOAD = r"^/api/v1/snaps/download/"


def version_of(world, name):
    """What is in a snap as it is installed."""
    return (world.device.root / "snap" / name / "current/pages/version").read_text().strip()


@case("snaps are found by their words")
def finds(world):
    found = world.device.snap("find", "lumen notes")
    holds(found, "lumen-notes", "1.0", "lumen", "lumen-notes of a run")
    holds(world.device.attempt("find", "zzzyyyxxx").output, "No matching snaps")


@case("a snap is shown with its channels")
def shows(world):
    shown = world.device.snap("info", "lumen-notes")
    holds(shown, "lumen-notes of a run", f"snap-id: {NOTES}", "latest/stable:", "(10)", "latest/edge:", "(15)")
    missed = world.device.attempt("info", "no-such-snap")
    equal(missed.code, 1, f"how {missed} ended")


@case("a snap is installed with what it needs")
def installs(world):
    world.device.snap("install", "lumen-notes")
    installed = world.device.installed()
    equal(
        {name: one["revision"] for name, one in installed.items()},
        {"lumen-notes": 10, "lumen-base": 1, "lumen-shelf": 3, "snapd": 1}, "what is installed",
    )
    equal(installed["lumen-notes"]["tracking"], "latest/stable", "what it follows")
    equal(version_of(world, "lumen-notes"), "1.0", "what is unpacked")
    holds(world.device.snap("known", "snap-revision", f"snap-id={NOTES}"), "snap-revision: 10")
    holds(world.device.snap("connections", "lumen-notes"), "lumen-shelf:pages")


@case("what is newest already is left as it is")
def is_up_to_date(world):
    holds(world.device.snap("refresh"), "All snaps up to date")
    holds(world.device.snap("refresh", "--list"), "All snaps up to date")


@case("a release is listed, then installed, and then there is nothing more")
def refreshes(world):
    world.push("lumen-notes", 12, "1.2", "stable")
    listed = world.device.snap("refresh", "--list")
    holds(listed, "lumen-notes", "1.2", " 12 ")
    world.device.snap("refresh")
    equal(world.device.installed()["lumen-notes"]["revision"], 12, "the revision")
    equal(version_of(world, "lumen-notes"), "1.2", "what is unpacked")
    holds(world.device.snap("refresh"), "All snaps up to date")


@case("assertions of installed snaps are brought up to date in one request")
def updates_assertions(world):
    declared = world.shelf.folder / "again.assert"
    declared.write_text(world.signer.declaration(IDS["lumen-shelf"], "lumen-shelf", LUMEN["id"], revision="1"))
    world.store.import_assertions(declared)
    mark = world.proxy.mark()
    world.device.snap("refresh")
    holds(world.device.snap("known", "snap-declaration", f"snap-id={IDS['lumen-shelf']}"), "revision: 1")
    groups = [one for one in world.proxy.since(mark, REFRESH) if one.actions("fetch-assertions")]
    equal([one.status for one in groups], [200], "how the groups were answered")


@case("a device goes to another channel and follows it")
def changes_channel(world):
    world.device.snap("refresh", "--channel=edge", "lumen-notes")
    now = world.device.installed()["lumen-notes"]
    equal((now["revision"], now["tracking"]), (15, "latest/edge"), "the revision, and what it follows")


@case("what was before is gone back to, and what was left is not offered again")
def reverts(world):
    world.device.snap("revert", "lumen-notes")
    now = world.device.installed()["lumen-notes"]
    equal((now["revision"], version_of(world, "lumen-notes")), (12, "1.2"), "the revision, and what is unpacked")
    holds(world.device.snap("refresh"), "All snaps up to date")
    world.device.snap("refresh", "--stable", "lumen-notes")
    equal(world.device.installed()["lumen-notes"]["tracking"], "latest/stable", "what it follows")


@case("a switch is followed by the next refresh")
def switches(world):
    mark = world.proxy.mark()
    world.device.snap("switch", "--channel=edge", "lumen-notes")
    equal(world.proxy.since(mark), [], "what a switch asks the store")
    world.device.snap("refresh", "lumen-notes")
    equal(world.device.installed()["lumen-notes"]["revision"], 15, "the revision")
    world.device.snap("refresh", "--channel=stable", "lumen-notes")
    equal(world.device.installed()["lumen-notes"]["revision"], 12, "the revision of stable again")


@case("a delta is taken where there is one")
def takes_a_delta(world):
    world.push("lumen-shelf", 4, "1.1", "stable")
    world.store.publish("snap", "deltas")
    mark = world.proxy.mark()
    world.device.snap("refresh", "lumen-shelf")
    equal(world.device.installed()["lumen-shelf"]["revision"], 4, "the revision")
    asked = [one.path for one in world.proxy.since(mark, DOWNLOAD, "GET")]
    equal(len(asked), 1, f"how many files were fetched of {asked}")
    check(asked[0].endswith("_3_4_xdelta3.delta"), f"what was fetched is a delta: {asked}")


@case("a closed channel gives what a safer one has, and is followed all the same")
def follows_a_closed_channel(world):
    said = world.device.snap("install", "--candidate", "gridkit")
    holds(said, "candidate")
    now = world.device.installed()["gridkit"]
    equal((now["revision"], now["tracking"]), (5, "latest/candidate"), "the revision, and what it follows")
    world.device.snap("remove", "gridkit")


@case("who names no track is led to the default one")
def is_led_to_the_default_track(world):
    world.push("gridkit", 30, "3.0", "3.x/stable")
    world.set_default_track("gridkit", "3.x")
    world.device.snap("install", "gridkit")
    now = world.device.installed()["gridkit"]
    equal((now["revision"], now["tracking"]), (30, "3.x/stable"), "the revision, and what it follows")


@case("two instances of a snap are refreshed each for itself")
def has_instances(world):
    world.device.snap("set", "system", "experimental.parallel-instances=true")
    world.device.snap("install", "gridkit_two")
    world.push("gridkit", 31, "3.1", "3.x/stable")
    mark = world.proxy.mark()
    world.device.snap("refresh")
    installed = world.device.installed()
    equal((installed["gridkit"]["revision"], installed["gridkit_two"]["revision"]), (31, 31), "the revisions")
    asked = [one for one in world.proxy.since(mark, REFRESH) if one.actions("refresh")][0]
    ours = [one for one in asked.json()["context"] if one["snap-id"] == IDS["gridkit"]]
    equal(len({one["instance-key"] for one in ours}), 2, "how many keys the two instances have")


@case("devices of a cohort stay together until they leave it")
def stays_in_a_cohort(world):
    said = world.device.snap("create-cohort", "gridkit")
    key = next(line.split(":", 1)[1].strip() for line in said.splitlines() if "cohort-key:" in line)
    world.push("gridkit", 32, "3.2", "3.x/stable")
    outcome = world.device.attempt("refresh", f"--cohort={key}", "gridkit")
    equal(outcome.code, 0, f"how {outcome} ended")
    equal(world.device.installed()["gridkit"]["revision"], 31, "the revision in the cohort")
    world.device.snap("refresh")
    equal(world.device.installed()["gridkit"]["revision"], 31, "the revision in the cohort after a refresh of all")
    equal(world.device.installed()["gridkit_two"]["revision"], 32, "the revision of the instance that is in none")
    # With the request that leaves it snapd still says that it is in the cohort; the next one is of a device in none.
    world.device.snap("refresh", "--leave-cohort", "gridkit")
    world.device.snap("refresh", "gridkit")
    equal(world.device.installed()["gridkit"]["revision"], 32, "the revision after it left")


@case("while refreshes are held only those that somebody asks for are made")
def holds_refreshes(world):
    until = datetime.now(timezone.utc) + timedelta(days=30)
    world.device.snap("set", "system", f"refresh.hold={until:%Y-%m-%dT%H:%M:%SZ}")
    holds(world.device.snap("refresh", "--time", "--abs-time"), f"hold: {until:%Y-%m-%d}")
    world.push("lumen-shelf", 5, "1.2", "stable")
    world.device.snap("refresh", "lumen-shelf")
    equal(world.device.installed()["lumen-shelf"]["revision"], 5, "the revision")


@case("a snap that came without assertions is amended by the store's")
def amends(world):
    world.device.snap("remove", "gridkit_two")
    world.device.snap("remove", "gridkit")
    world.device.snap("install", "--dangerous", world.files["gridkit", 5])
    check(world.device.attempt("refresh", "gridkit").code != 0, "a local snap is not refreshed unless it is said")
    world.device.snap("refresh", "--amend", "gridkit")
    equal(world.device.installed()["gridkit"]["revision"], 32, "the revision")


@case("what is not there to be installed is told apart")
def refuses(world):
    for words, expected in (
        (("install", "no-such-snap"), 'snap "no-such-snap" not found'),
        (("install", "--channel=9.x/stable", "lumen-shelf_other"), "is not available on 9.x/stable but is available"),
        (("refresh", "--channel=9.x/stable", "lumen-notes"), "lumen-notes"),
    ):
        outcome = world.device.attempt(*words)
        equal(outcome.code, 1, f"how {outcome} ended")
        holds(outcome.output, expected)


@case("a damaged file is fetched once more, and an install of it goes on")
def repeats_a_damaged_install(world):
    world.device.snap("remove", "--purge", "gridkit")
    world.forget_downloads()
    fault = world.proxy.arm(DOWNLOAD, "corrupt")
    world.device.snap("install", "gridkit")
    equal((fault.n_done, world.device.installed()["gridkit"]["revision"]), (1, 32), "damaged files, and the revision")


@case("a file that is damaged twice is not installed")
def refuses_a_damaged_install(world):
    world.device.snap("remove", "--purge", "gridkit")
    world.forget_downloads()
    fault = world.proxy.arm(DOWNLOAD, "corrupt", 2)
    outcome = world.device.attempt("install", "gridkit")
    equal((outcome.code, fault.n_done), (1, 2), f"how {outcome} ended, with how many damaged files")
    holds(outcome.output, "sha3-384 mismatch")
    check("gridkit" not in world.device.installed(), "nothing of it is installed")


@case("killed connections are asked again, and an install goes on")
def survives_killed_connections(world):
    world.forget_downloads()
    answers, files = world.proxy.arm(REFRESH, "cut"), world.proxy.arm(DOWNLOAD, "cut")
    mark = world.proxy.mark()
    world.device.snap("install", "gridkit")
    equal((answers.n_done, files.n_done), (1, 1), "how many answers and files were cut")
    asked = [one for one in world.proxy.since(mark, REFRESH) if one.actions("install")]
    equal(asked[0].body, asked[1].body, "the request that is repeated")
    equal([one.status for one in world.proxy.since(mark, DOWNLOAD, "GET")], [200, 206], "how the file was answered")


@case("a refresh never leaves what an enforced validation set allows")
def keeps_to_a_validation_set(world):
    def sequence(number, revision):
        file = world.shelf.folder / f"set-{number}.assert"
        file.write_text(world.signer.sign(
            "validation-set", series="16", account_id="testrootorg", name="lumen-set", sequence=str(number),
            snaps=[{"name": "lumen-shelf", "id": IDS["lumen-shelf"], "presence": "required", "revision": str(revision)}],
            timestamp="2026-01-02T03:04:05Z",
        ))
        world.store.import_assertions(file)

    sequence(1, 5)
    world.device.snap("validate", "--enforce", "testrootorg/lumen-set")
    world.push("lumen-shelf", 6, "1.3", "stable")
    world.device.snap("refresh")
    equal(world.device.installed()["lumen-shelf"]["revision"], 5, "the revision that the set allows")
    sequence(2, 6)
    world.device.snap("refresh")
    equal(world.device.installed()["lumen-shelf"]["revision"], 6, "the revision that the next of the set allows")
    world.device.snap("validate", "--forget", "testrootorg/lumen-set")


@case("the names and sections of the store are kept on the device")
def keeps_names(world):
    mark = world.proxy.mark()
    world.device.stop()
    world.device.start(SNAPD_CATALOG_REFRESH="1")
    names = world.device.root / "var/cache/snapd/names"
    wait_for("the names are there", names.exists, is_over=world.device.end)
    listed = names.read_text().split()
    for name in ("lumen-notes", "gridkit"):
        check(name in listed, f"{name} is among {listed}")
    for path in ("/api/v1/snaps/sections", "/api/v1/snaps/names"):
        equal({one.status for one in world.proxy.since(mark, path)}, {200}, f"how {path} was answered")


@case("everything is removed again")
def removes(world):
    for name in ("gridkit", "lumen-notes", "lumen-shelf"):
        world.device.snap("remove", "--purge", name)
    equal(sorted(world.device.installed()), ["lumen-base", "snapd"], "what is left")
