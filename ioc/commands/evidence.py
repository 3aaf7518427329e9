"""`ioc evidence`: packs that show to anybody that they are as they were issued."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from ioc.commands.new_file import new_file
from ioc.commands.site_store import at_terminal, site_store
from ioc.errors import UsageError

if TYPE_CHECKING:
    from ioc.evidence_pack import Verdict

SiteFile = Annotated[Path, typer.Option("--site", help="The site file whose dashboard keeps the evidence.")]


def verbs() -> typer.Typer:
    """Return the verbs of `ioc evidence`."""
    app = typer.Typer(
        help="Evidence packs: the pictures, the record and a page of an alert or a vehicle's pass, sealed and signed.",
        epilog="Hand out the fingerprint that `key` prints, but not with the packs: it tells them from forged ones.",
        no_args_is_help=True,
    )
    app.command("pack")(pack)
    app.command("verify")(verify)
    app.command("key")(key)
    return app


def pack(
    record: Annotated[UUID, typer.Argument(metavar="ID", help="The id of an alert or of a vehicle's pass.")],
    site: SiteFile,
    out: Annotated[Path, typer.Option("--out", help="Where to write the pack, as FILE.zip.")],
    purpose: Annotated[
        str, typer.Option("--purpose", help="Why it is needed: it stands in the pack and the audit log.")
    ],
    case: Annotated[str, typer.Option("--case", help="The case or order that it belongs to.")],
) -> int:
    """Write the evidence pack of an alert or a vehicle's pass; the audit log tells of it."""
    from pydantic import ValidationError

    from dashboard.asked import Asked
    from dashboard.audit import HEAD, Audit
    from dashboard.data_folder import signing_key
    from dashboard.pack_issue import find_alert, find_pass, issue_pack
    from dashboard.records import Rights
    from dashboard.store import Store
    from ioc import clock
    from ioc.evidence_pack import Issue

    try:
        asked = Asked(purpose=purpose, case=case)
    except ValidationError as error:
        raise UsageError(f"--{error.errors()[0]['loc'][0]}: say it in 3 to 500 characters") from None
    issue = Issue(at=clock.now(), to=at_terminal(), purpose=asked.purpose, case=asked.case)
    with site_store(site) as (settings, database):
        store, signing, all_of_it = Store(database), signing_key(settings.data), Rights(None, watch_lists=True)
        found = find_alert(store, record, all_of_it) or find_pass(store, record, all_of_it)
        if found is None:
            raise UsageError(f"{record}: {site} has no alert and no pass of this id")
        with new_file(out) as file:
            issue_pack(file, found, issue, settings, signing, Audit(database, settings.data / HEAD))
    print(f"{out}: signed by {signing.public.fingerprint}")
    return _told(_checked(out, signing.public.fingerprint))


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The pack, as it was handed out.")],
    key: Annotated[
        str,
        typer.Option("--key", metavar="KEY", help="The issuer's key: its fingerprint, or its file as `key` prints it."),
    ] = "",
) -> int:
    """Check every byte of a pack, on any machine; exit code 1 and what is wrong, when something is."""
    expected = _fingerprint(key) if key else ""
    verdict = _checked(file, expected)
    code = _told(verdict)
    if code == 0 and not expected:
        print(f"signed by {verdict.fingerprint}")
        print(
            "Compare that with the issuer's fingerprint, or give it as --key: anybody can sign with a key of their own."
        )
    return code


def key(site: SiteFile) -> int:
    """Print the public key that a site's packs are signed with, and its fingerprint; made when there is none yet."""
    from dashboard.data_folder import signing_key

    with site_store(site) as (settings, _):
        public = signing_key(settings.data).public
    print(public.pem.decode(), end="")
    print(f"fingerprint {public.fingerprint}")
    return 0


def _checked(path: Path, fingerprint: str) -> Verdict:
    from ioc.evidence_pack import check_pack

    try:
        with path.open("rb") as file:
            return check_pack(file, fingerprint)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def _told(verdict: Verdict) -> int:
    """Print what a check found and return the exit code."""
    if verdict.problem or verdict.manifest is None:
        _say(f"NOT WHOLE: {verdict.problem}")
        return 1
    manifest = verdict.manifest
    about, issue = manifest.about, manifest.issue
    _say(f"whole: {len(manifest.files)} files of {about.what} {about.id}, camera {about.site}/{about.camera}")
    _say(f"issued to {issue.to} at {issue.at.isoformat()}, case {issue.case}: {issue.purpose}")
    for one in manifest.lacking:
        found = f", found {one.found_sha256}" if one.found_sha256 else ""
        _say(f"LACKING: {one.path or 'a file'}: {one.why}{found}")
    return 0


def _say(line: str) -> None:
    """Print a line that may come from a forged pack: nothing in it moves the cursor."""
    print("".join(letter if letter.isprintable() else "?" for letter in line))


def _fingerprint(key: str) -> str:
    """Return the fingerprint that was typed, or that of the key in a file."""
    from ioc.signing import KeyRefused, PublicKey

    typed = key.replace(":", "").replace(" ", "").lower()
    if len(typed) == 64 and not set(typed) - set("0123456789abcdef"):
        return typed
    try:
        return PublicKey.parse(Path(key).read_bytes()).fingerprint
    except OSError:
        raise UsageError(f"--key {key}: neither a fingerprint of 64 hexadecimal digits nor a file") from None
    except KeyRefused as error:
        raise UsageError(f"--key {key}: {error}") from None
