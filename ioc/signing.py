"""Signatures that show who sealed something: Ed25519 (RFC 8032), keys as PEM, as openssl reads and writes them."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

SIGNATURE_BYTES = 64


class KeyRefused(ValueError):
    """What was given as a key is none of ours; the message says what was expected."""


class PublicKey:
    """Tells whether something was signed by the private key that belongs to it."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    @classmethod
    def parse(cls, pem: bytes) -> PublicKey:
        """Return the key that a PEM text begins with; raise KeyRefused, also when one only stands somewhere in it."""
        if not pem.startswith(b"-----BEGIN PUBLIC KEY-----"):
            raise KeyRefused("expected a public key as PEM")
        try:
            key = load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm):
            raise KeyRefused("expected a public key as PEM") from None
        if not isinstance(key, Ed25519PublicKey):
            raise KeyRefused("expected an Ed25519 key")
        return cls(key)

    @property
    def pem(self) -> bytes:
        """The key as PEM."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the key in DER, in hex: what people compare."""
        return hashlib.sha256(self._key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()

    def signed(self, content: bytes, signature: bytes) -> bool:
        """Return whether the signature was made for the content by the private key."""
        try:
            self._key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """A private key. The same content always gets the same signature."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def parse(cls, pem: bytes) -> SigningKey:
        """Return the key that the PEM text holds; raise KeyRefused."""
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise KeyRefused("expected a private key as PEM, without a password") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyRefused("expected an Ed25519 key")
        return cls(key)

    @property
    def public(self) -> PublicKey:
        """The key that others check with."""
        return PublicKey(self._key.public_key())

    def sign(self, content: bytes) -> bytes:
        """Return the signature of the content, SIGNATURE_BYTES long."""
        return self._key.sign(content)


def fresh_key() -> str:
    """Return a new private key as PEM (PKCS #8, without a password)."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
