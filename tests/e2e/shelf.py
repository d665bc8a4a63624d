"""The snaps of a run: made, packed, signed and pushed."""

import json
import random
from pathlib import Path

from programs import run
from signing import AUTHORITY, stream

LUMEN = {
    "id": "Pb1Pb2Pb3Pb4Pb5Pb6Pb7Pb8Pb9Pb0Pb", "username": "lumen", "display-name": "Lumen", "validation": "verified",
}
IDS = {
    # snapd knows itself by this id, whoever signs for it.
    "snapd": "PMrrV4ml8uWuEUDBT8dSGnKUYbevVhc4",
    "lumen-base": "Lb1Ax2Sd3Fg4Hj5Kl6Qw7Er8Ty9Ui0Op",
    "lumen-shelf": "Ls1Zx2Cv3Bn4Ml5Kj6Hg7Fd8Sa9Po0Iu",
    "lumen-notes": "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz",
    "gridkit": "Gk1Zx2Cv3Bn4Ml5Kj6Hg7Fd8Sa9Po0Iu",
}
ABOUT = {
    "snapd": {"type": "snapd"},
    "lumen-base": {"type": "base"},
    "lumen-shelf": {
        "base": "lumen-base",
        "slots": {"pages": {"interface": "content", "content": "lumen-pages", "read": ["$SNAP/pages"]}},
    },
    "lumen-notes": {
        "base": "lumen-base",
        "plugs": {
            "pages": {
                "interface": "content", "content": "lumen-pages", "target": "$SNAP/pages",
                "default-provider": "lumen-shelf",
            },
        },
    },
    "gridkit": {"base": "lumen-base"},
}
# Bytes that do not compress, the same in every revision of a snap: a delta between two of them is small.
PADDING = 3 * 1024 * 1024


class Shelf:
    """Makes snaps in a folder and brings them to a store."""

    def __init__(self, folder, signer, store, snap, path):
        self.folder, self.signer, self.store, self.snap = Path(folder), signer, store, snap
        self.env = {"PATH": str(path), "HOME": str(self.folder), "TMPDIR": str(self.folder), "LANG": "C.UTF-8"}
        self.folder.mkdir()

    def open(self):
        """Brings the assertions that all others rest on."""
        file = self.folder / "trusted.assert"
        file.write_text(stream(*self.signer.trusted()))
        self.store.import_assertions(file)

    def pack(self, name, version):
        """A snap file."""
        source = self.folder / f"{name}-{version}"
        (source / "meta").mkdir(parents=True)
        (source / "pages").mkdir()
        head = {
            "name": name, "version": version, "summary": f"{name} of a run", "architectures": ["all"],
            "description": f"{name} {version}, made to be installed by a real snapd.", "confinement": "strict",
        }
        if "type" not in ABOUT[name]:
            head["title"] = name.replace("-", " ").title()
        # JSON is YAML in its flow form.
        (source / "meta/snap.yaml").write_text(
            "".join(f"{key}: {json.dumps(value)}\n" for key, value in (head | ABOUT[name]).items())
        )
        (source / "pages/padding").write_bytes(random.Random(name).randbytes(PADDING))
        (source / "pages/version").write_text(f"{version}\n")
        for folder in ("dev", "etc", "home", "proc", "root", "snap", "sys", "tmp", "usr", "var", "run"):
            (source / folder).mkdir(exist_ok=True)
        if name == "snapd":
            (source / "usr/lib/snapd").mkdir(parents=True)
            (source / "usr/lib/snapd/info").write_text("VERSION=2.57.6\n")
        file = self.folder / f"{name}_{version}.snap"
        run([self.snap, "pack", "--filename", file.name, source, self.folder], env=self.env)
        return file

    def push(self, name, revision, version, *channels):
        """Packs, signs and pushes one revision; the file."""
        file = self.pack(name, version)
        texts = [
            self.signer.account(LUMEN),
            self.signer.declaration(IDS[name], name, LUMEN["id"]),
            self.signer.revision(file, IDS[name], revision, LUMEN["id"]),
        ]
        asserted = file.with_suffix(".assert")
        asserted.write_text(stream(*texts))
        self.store.push(file, channels, asserted)
        return file

    def model(self, *snaps):
        """A model of a classic device that has these snaps; its file."""
        text = self.signer.sign(
            "model", series="16", brand_id=AUTHORITY, model="lumen-classic", classic="true", architecture="amd64",
            required_snaps=list(snaps), timestamp="2026-01-02T03:04:05Z",
        )
        file = self.folder / "lumen-classic.model"
        file.write_text(text)
        return file
