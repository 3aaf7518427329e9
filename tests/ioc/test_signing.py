"""Keys and signatures: ours, openssl's, and what is no key."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from ioc.signing import SIGNATURE_BYTES, KeyRefused, PublicKey, SigningKey, fresh_key

RFC_8032_SECRET = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
"""
RFC_8032_SIGNATURE = (
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)


def test_signatures_are_those_of_the_standard() -> None:
    """RFC 8032, 7.1, test 1: the empty message."""
    key = SigningKey.parse(RFC_8032_SECRET.encode())
    assert key.sign(b"").hex() == RFC_8032_SIGNATURE
    assert key.public.signed(b"", bytes.fromhex(RFC_8032_SIGNATURE))
    assert len(key.sign(b"x")) == SIGNATURE_BYTES


def test_a_signature_is_for_one_content_and_one_key() -> None:
    key, other = (SigningKey.parse(fresh_key().encode()) for _ in range(2))
    signature = key.sign(b"seen")
    assert key.public.signed(b"seen", signature)
    assert not key.public.signed(b"seem", signature)
    assert not key.public.signed(b"seen", signature[:-1])
    assert not other.public.signed(b"seen", signature)
    assert key.public.fingerprint != other.public.fingerprint


def test_a_public_key_comes_back_from_its_text() -> None:
    public = SigningKey.parse(fresh_key().encode()).public
    assert PublicKey.parse(public.pem).fingerprint == public.fingerprint
    assert PublicKey.parse(public.pem + b"fingerprint 12ab").fingerprint == public.fingerprint
    with pytest.raises(KeyRefused):
        PublicKey.parse(b"PK\x03\x04 a pack that holds one" + public.pem)


@pytest.mark.parametrize("text", [b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", b"\xff" * 99])
def test_what_is_no_key_is_refused(text: bytes) -> None:
    with pytest.raises(KeyRefused, match="expected a public key"):
        PublicKey.parse(text)
    with pytest.raises(KeyRefused, match="expected a private key"):
        SigningKey.parse(text)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_reads_the_keys_and_finds_the_same(tmp_path: Path) -> None:
    key = SigningKey.parse(fresh_key().encode())
    files = {"key.pem": key.public.pem, "said": b"seen", "signature": key.sign(b"seen")}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    verify = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in said -sigfile signature"
    assert subprocess.run(verify.split(), cwd=tmp_path, capture_output=True, check=False).returncode == 0
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", "key.pem", "-outform", "DER"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    ).stdout
    assert hashlib.sha256(der).hexdigest() == key.public.fingerprint
    other = subprocess.run(["openssl", "genpkey", "-algorithm", "X25519"], capture_output=True, check=True).stdout
    with pytest.raises(KeyRefused, match="expected an Ed25519 key"):
        SigningKey.parse(other)
