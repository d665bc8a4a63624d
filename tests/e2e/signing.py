"""Assertions, signed by the real `snap sign` with the test keys that snapd's source publishes.

The keys stay where the package put them: they are read from there into a key ring of this run.
"""

import base64
import hashlib
import json
import os
import re
from pathlib import Path

from programs import Failed, run

# Who signs everything: the account that a snapd built with its test keys trusts.
AUTHORITY = "testrootorg"
KEYS = Path("asserts/systestkeys/trusted.go")
NOW = "2026-01-02T03:04:05Z"


def digest(path):
    """The SHA3-384 of a file as assertions spell it."""
    whole = hashlib.sha3_384(Path(path).read_bytes()).digest()
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()


class Signer:
    """Signs headers with the key of the test store."""

    def __init__(self, snap, source, home):
        self.snap, self.home, self.signed = snap, Path(home), {}
        self.texts = (Path(source) / KEYS).read_text()
        self.home.mkdir(mode=0o700)
        ring = self.home / "key.asc"
        ring.write_text(self._constant("TestStorePrivKey"))
        run(["gpg", "--homedir", self.home, "--batch", "--quiet", "--import", ring])
        listed = run(["gpg", "--homedir", self.home, "--batch", "--with-colons", "--list-secret-keys"])
        self.name = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("uid:"))

    def _constant(self, name):
        found = re.search(rf"\b{name}\s*=\s*`([^`]+)`", self.texts)
        if not found:
            raise Failed(f"{KEYS} of the packaged snapd has no {name}")
        return found[1]

    def trusted(self):
        """The account of the authority and its keys, as the package has them."""
        names = ("encodedTestRootAccount", "encodedTestRootAccountKey", "encodedTestStoreAccountKey")
        return [self._constant(name).strip("\n") + "\n" for name in names]

    def sign(self, kind, body=None, **headers):
        """The text of one assertion; `_` in the names of headers stands for `-`."""
        statement = {"type": kind, "authority-id": AUTHORITY}
        statement |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            statement["body"] = body
        text = json.dumps(statement)
        # A signature tells when it was made: signed again, the same statement would be another assertion.
        if text not in self.signed:
            file = self.home / "statement.json"
            file.write_text(text)
            env = {**os.environ, "SNAP_GNUPG_HOME": str(self.home), "GPG_TTY": "none"}
            self.signed[text] = run([self.snap, "sign", "-k", self.name, file], env=env)
        return self.signed[text]

    def account(self, account):
        return self.sign(
            "account", account_id=account["id"], username=account["username"], display_name=account["display-name"],
            validation=account["validation"], timestamp=NOW,
        )

    def declaration(self, snap_id, name, publisher, **more):
        return self.sign(
            "snap-declaration", series="16", snap_id=snap_id, snap_name=name, publisher_id=publisher, timestamp=NOW,
            **more,
        )

    def revision(self, path, snap_id, revision, developer):
        return self.sign(
            "snap-revision", snap_sha3_384=digest(path), snap_size=str(os.stat(path).st_size), snap_id=snap_id,
            snap_revision=str(revision), developer_id=developer, timestamp=NOW,
        )

    def close(self):
        """Ends the agent that the key ring started."""
        run(["gpgconf", "--homedir", self.home, "--kill", "gpg-agent"])


def stream(*texts):
    """Several assertions as one stream: an empty line between them."""
    return "\n".join(text.strip("\n") + "\n" for text in texts)
