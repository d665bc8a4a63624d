"""The snaps of a run: made, packed, signed and pushed."""

import json
import random
from pathlib import Path

from device import place
from programs import run
from signing import AUTHORITY, NOW, stream

LUMEN = {
    "id": "Pb1Pb2Pb3Pb4Pb5Pb6Pb7Pb8Pb9Pb0Pb", "username": "lumen", "display-name": "Lumen", "validation": "verified",
}
IDS = {
    # snapd knows itself by this id, whoever signs for it.
    "snapd": "PMrrV4ml8uWuEUDBT8dSGnKUYbevVhc4",
    "lumen-base": "Lb1Ax2Sd3Fg4Hj5Kl6Qw7Er8Ty9Ui0Op",
    "lumen-shelf": "Ls1Zx2Cv3Bn4Ml5Kj6Hg7Fd8Sa9Po0Iu",
    "lumen-notes": "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz",
    "lumen-gadget": "Lg1Mn2Bv3Cx4Zl5Kj6Hg7Fd8Sa9Po0Iu",
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
    "lumen-gadget": {"type": "gadget", "base": "lumen-base"},
    "gridkit": {"base": "lumen-base"},
}
# Bytes that do not compress, the same in every revision of a snap: a delta between two of them is small.
PADDING = 1024 * 1024


class Shelf:
    """Makes snaps in a folder and brings them to a store."""

    def __init__(self, folder, signer, store, snap, path, registrar):
        self.registrar = registrar
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
        if name == "lumen-gadget":
            # Where its devices ask for their serial.
            defaults = {"defaults": {IDS[name]: {"device-service": {"url": self.registrar}}}}
            (source / "meta/gadget.yaml").write_text(json.dumps(defaults))
            place(source / "meta/hooks/configure", "#!/bin/sh\n")
        file = self.folder / f"{name}_{version}.snap"
        run([self.snap, "pack", "--filename", file.name, source, self.folder], env=self.env)
        return file

    def push(self, name, revision, version, *channels):
        """Packs, signs and pushes one revision; the file."""
        file = self.pack(name, version)
        # A gadget is published by the brand of its devices.
        is_brand = ABOUT[name].get("type") == "gadget"
        account = self.signer.trusted()[0] if is_brand else self.signer.account(LUMEN)
        publisher = AUTHORITY if is_brand else LUMEN["id"]
        texts = [
            account,
            self.signer.declaration(IDS[name], name, publisher),
            self.signer.revision(file, IDS[name], revision, publisher),
        ]
        asserted = file.with_suffix(".assert")
        asserted.write_text(stream(*texts))
        self.store.push(file, channels, asserted)
        return file

    def model(self, name, *snaps, **more):
        """A model of a classic device that has these snaps; its file."""
        text = self.signer.sign(
            "model", series="16", brand_id=AUTHORITY, model=name, classic="true", architecture="amd64",
            required_snaps=list(snaps), timestamp=NOW, **more,
        )
        file = self.folder / f"{name}.model"
        file.write_text(text)
        return file
