"""A device: the real snapd and its client in a root of their own, with nothing of the machine within their reach.

The programs of the system that snapd would call are found through PATH, and PATH leads to a folder that has only what
is named here: tools that touch nothing but their arguments, and stand-ins that agree to everything.
"""

import json
import os
import shutil
import stat
import threading
from pathlib import Path

from programs import Companion, Failed, attempt, run, wait_for

# What snapd and its client really need of others.
TOOLS = ("unsquashfs", "mksquashfs", "xdelta3", "cp", "sync", "tar", "gzip", "ssh-keygen", "sh", "uptime")
# What would touch the machine. Snaps are unpacked, not mounted, so there are no units to start either.
AGREEING = (
    "umount", "udevadm", "apparmor_parser", "modprobe", "systemd-detect-virt", "systemd-mount", "systemd-run",
    "journalctl", "shutdown", "reboot", "timedatectl", "hostnamectl", "sysctl", "update-desktop-database",
)
NOBODY = "http://127.0.0.1:9"
# What a package of snapd would have made.
FOLDERS = (
    "etc/dbus-1/system.d", "etc/modprobe.d", "etc/modules-load.d", "etc/systemd/system", "etc/systemd/user",
    "etc/udev/rules.d", "root", "run", "snap/bin", "tmp", "usr/lib/snapd", "var/cache/snapd", "var/lib/snapd/snaps",
    "var/lib/snapd/desktop/applications", "var/snap",
)
# snapd looks once whether it can mount a snap: it gets to see what is in it.
MOUNT = """#!/bin/sh
for word; do image=$into into=$word; done
exec unsquashfs -quiet -no-progress -force -dest "$into" "$image"
"""
SYSTEMCTL = """#!/bin/sh
# What a running systemd would say of units that are as they should be.
case "$*" in
*--version*) echo "systemd 252" ;;
*is-active* | *is-enabled*) echo inactive; exit 3 ;;
*--property=ActiveState*) echo ActiveState=inactive ;;
esac
"""
# What snapd looks for beside itself. The compiler of system call filters says who it is and writes an empty filter.
SECCOMP = """#!/bin/sh
case "$1" in
version-info) echo "0000000000000000000000000000000000000000 2.5.4 0000000000000000000000000000000000000000000000000000000000000000 -" ;;
compile) : > "$3" ;;
esac
"""


def place(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)


def tools(folder, programs):
    """Makes the folder that PATH leads to, and puts beside snapd what it looks for there."""
    folder.mkdir()
    place(programs / "snap-seccomp", SECCOMP)
    for name in TOOLS:
        found = shutil.which(name)
        if found:
            (folder / name).symlink_to(found)
    for name in AGREEING:
        place(folder / name, "#!/bin/sh\nexit 0\n")
    # Hooks would run confined, which takes a kernel that does that: the one there is does nothing anyway.
    place(folder / "snap", "#!/bin/sh\nexit 0\n")
    place(folder / "mount", MOUNT)
    place(folder / "systemctl", SYSTEMCTL)
    return folder


# How snapd ends when it is to be started anew at once.
RESTART = 42
# A daemon that begins anew more often than this in a run will never stay.
MAX_RESTARTS = 50


class Device:
    """One device; its daemon runs from `start` to `stop`."""

    def __init__(self, root, programs, path, store):
        self.root, self.snap_program, self.snapd_program = Path(root), programs / "snap", programs / "snapd"
        self.daemon = self.keeper = None
        self.is_wanted, self.lock = False, threading.Lock()
        home = self.root / "root"
        for folder in FOLDERS:
            (self.root / folder).mkdir(parents=True)
        for name in ("snap-update-ns", "snap-discard-ns", "snap-confine", "snap-exec"):
            place(self.root / "usr/lib/snapd" / name, "#!/bin/sh\nexit 0\n")
        self.env = {
            "PATH": str(path), "HOME": str(home), "TMPDIR": str(self.root / "tmp"), "LANG": "C.UTF-8", "TERM": "dumb",
            "SNAPPY_GLOBAL_ROOT": str(self.root), "SNAPPY_FORCE_API_URL": store, "SNAPPY_FORCE_SAS_URL": store,
            "UBUNTU_STORE_URL": store,
            # Snaps are unpacked where they would be mounted; nothing is told to services of the distribution.
            "SNAPPY_TESTING": "1", "SNAPPY_SQUASHFS_UNPACK_FOR_TESTS": "1",
            "SNAP_REEXEC": "0", "NO_COLOR": "1",
            # Whatever is not on this machine is asked of a proxy that is not there.
            "HTTP_PROXY": NOBODY, "HTTPS_PROXY": NOBODY,
        }
        self.log = self.root / "snapd.log"

    def start(self, **env):
        """Starts the daemon, keeps it running, and waits until it answers."""
        # Without a snap it would go after some seconds, until systemd sees somebody ask.
        self.daemon_env = self.env | {"SNAPD_DEBUG": "1", "SNAPD_STANDBY_WAIT": "1h"} | env
        self.is_wanted = True
        self.daemon = self._launch()
        self.keeper = threading.Thread(target=self._keep, daemon=True)
        self.keeper.start()
        wait_for("the daemon answers", self.answers, is_over=self.end)

    def _launch(self):
        return Companion("snapd", [self.snapd_program], self.log, env=self.daemon_env)

    def _keep(self):
        """Does what systemd would: starts the daemon again when it ended because it has to begin anew."""
        for _ in range(MAX_RESTARTS):
            if self.daemon.process.wait() not in (0, RESTART):
                return
            with self.lock:
                if not self.is_wanted:
                    return
                self.daemon = self._launch()

    def end(self):
        """The reason why nobody keeps the daemon running, or nothing."""
        return None if self.keeper and self.keeper.is_alive() else f"snapd has ended; its log is {self.log}"

    def answers(self):
        return (self.root / "run/snapd.socket").exists() and self.attempt("version").code == 0

    def stop(self):
        """Ends the daemon."""
        with self.lock:
            self.is_wanted = False
        if self.daemon:
            self.daemon.stop()
            self.keeper.join()
            self.daemon = None

    def attempt(self, *words, env=None, **options):
        return attempt([self.snap_program, *words], env=self.env | (env or {}), cwd=self.root / "tmp", **options)

    def snap(self, *words, **options):
        """What the client says, which has to succeed."""
        outcome = self.attempt(*words, **options)
        if outcome.code != 0:
            raise Failed(f"{outcome}\n{self.why()}")
        return outcome.output

    def why(self):
        """What the daemon says of the last change that failed."""
        if not self.daemon:
            return ""
        changes = self.attempt("changes").output.splitlines()
        failed = [line.split()[0] for line in changes if " Error " in line]
        told = self.attempt("change", failed[-1]).output if failed else ""
        return "\n".join(line for line in told.splitlines() if not line.startswith(("Hold ", "Done ", "Undone ")))

    def installed(self):
        """What `snap list` shows: name to (version, revision, tracking, notes)."""
        rows = [line.split() for line in self.attempt("list", "--all").output.splitlines()[1:]]
        return {
            row[0]: {"version": row[1], "revision": int(row[2]), "tracking": row[3], "notes": row[5]}
            for row in rows if len(row) >= 6 and row[2].isdigit() and "disabled" not in row[5]
        }
