"""Evidence packs: one ZIP whose every byte is sealed, so that anybody finds whether it is as it was issued.

    evidence/…        the files of the record, as they were kept
    record.json       what is known of the incident or the pass
    report.pdf        the same on a page, for people
    public-key.pem    what the signature is checked with
    manifest.json     name, size and SHA-256 of every file above, to whom it was issued, and what it lacks
    manifest.sig      Ed25519 signature of manifest.json, 64 bytes

The signature covers the manifest, the manifest every file, and the archive's form (`ioc.plain_zip`) all that is left.
Whoever makes a new pack with a key of their own cannot be told from us by the pack alone: the key's fingerprint has to
be known from elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import BinaryIO, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from ioc.plain_zip import BrokenZip, PlainZip, Stored, content_of, read_zip
from ioc.signing import SIGNATURE_BYTES, KeyRefused, PublicKey, SigningKey

MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "public-key.pem"

_MOST_MANIFEST, _MOST_KEY = 1 << 20, 1 << 12


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PackFile(_Part):
    """A file of a pack."""

    name: str
    size: int
    sha256: str


class Lacking(_Part):
    """A file of the record that the pack lacks, and why."""

    path: str | None
    why: str
    recorded_sha256: str | None
    found_sha256: str | None = None
    """Digest of what lies in its place, when that is not what was kept."""


class Subject(_Part):
    """What a pack is about."""

    what: Literal["alert", "pass"]
    id: str
    site: str
    camera: str


class Issue(_Part):
    """To whom a pack was given, when, and for what."""

    at: AwareDatetime
    to: str
    purpose: str
    case: str


class Manifest(_Part):
    """What is signed."""

    format: Literal["city-ioc evidence pack"] = "city-ioc evidence pack"
    version: Literal[1] = 1
    about: Subject
    issue: Issue
    files: tuple[PackFile, ...]
    lacking: tuple[Lacking, ...]

    def text(self) -> bytes:
        """Return the manifest as it is signed: UTF-8 JSON."""
        return (json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n").encode()


class Verdict(NamedTuple):
    """What a check found: what is wrong, in words, or nothing; and whatever could be read before that."""

    problem: str
    manifest: Manifest | None = None
    fingerprint: str = ""
    """Of the key that the pack is signed with."""


class PackWriter:
    """Writes a pack into an empty file; `seal` ends it."""

    def __init__(self, file: BinaryIO, key: SigningKey) -> None:
        self._zip, self._key = PlainZip(file), key

    def add(self, name: str, content: bytes) -> PackFile:
        """Write a file; raise ValueError when the pack cannot take it."""
        return _listed(self._zip.add(name, content))

    def seal(self, about: Subject, issue: Issue, lacking: Sequence[Lacking]) -> Manifest:
        """Write the key, the manifest and its signature, and end the pack."""
        self._zip.add(PUBLIC_KEY, self._key.public.pem)
        files = tuple(map(_listed, self._zip.stored))
        manifest = Manifest(about=about, issue=issue, files=files, lacking=tuple(lacking))
        self._zip.add(MANIFEST, manifest.text())
        self._zip.add(SIGNATURE, self._key.sign(manifest.text()))
        self._zip.close()
        return manifest


def check_pack(file: BinaryIO, fingerprint: str = "") -> Verdict:
    """Check every byte of a pack, and that its key has that fingerprint when one is given."""
    try:
        return _check(file, fingerprint)
    except BrokenZip as error:
        return Verdict(str(error))


def _check(file: BinaryIO, fingerprint: str) -> Verdict:
    stored = {one.name: one for one in read_zip(file)}
    order = list(stored)
    for name in (MANIFEST, SIGNATURE, PUBLIC_KEY):
        if name not in stored:
            raise BrokenZip(f"{name} is missing: it is no evidence pack, or somebody took that out")
    text = content_of(file, stored.pop(MANIFEST), _MOST_MANIFEST)
    signature = content_of(file, stored.pop(SIGNATURE), SIGNATURE_BYTES)
    try:
        key = PublicKey.parse(content_of(file, stored[PUBLIC_KEY], _MOST_KEY))
    except KeyRefused as error:
        raise BrokenZip(f"{PUBLIC_KEY}: {error}") from None
    if not key.signed(text, signature):
        raise BrokenZip(f"{MANIFEST}, {SIGNATURE} or {PUBLIC_KEY} was changed: they do not belong together")
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError:
        raise BrokenZip(f"{MANIFEST} is none that this version of the program knows") from None
    problem = _difference(manifest, list(map(_listed, stored.values())))
    if not problem and order != [*(one.name for one in manifest.files), MANIFEST, SIGNATURE]:
        problem = "its files stand in another order"
    if not problem and fingerprint not in {"", key.fingerprint}:
        problem = "it was signed with another key than the one that was given"
    return Verdict(problem, manifest, key.fingerprint)


def _listed(one: Stored) -> PackFile:
    return PackFile(name=one.name, size=one.size, sha256=one.sha256)


def _difference(manifest: Manifest, there: Sequence[PackFile]) -> str:
    """Return in words how the files differ from those of the manifest, or nothing."""
    told, found = ({one.name: one for one in files} for files in (manifest.files, there))
    faults = (
        ("missing", told.keys() - found.keys()),
        ("not of the pack", found.keys() - told.keys()),
        ("changed", {name for name in told.keys() & found.keys() if told[name] != found[name]}),
    )
    return "; ".join(f"{', '.join(sorted(names))}: {what}" for what, names in faults if names)
