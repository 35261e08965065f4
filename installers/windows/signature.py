"""Whether a Windows program is what its publisher signed (Authenticode).

Checked: the digest in the signature is the program's, the signature over it was made with the signer's key,
and who that is by the certificates that lie beside it, each signed by the next. Not checked: revocation, and
whether the last of them is one that Windows trusts; the checksums in this folder say what is trusted. (The
library `signify` does all of that, but needs oscrypto, which does not load with OpenSSL 3.0.10 and newer.)
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

from asn1crypto import cms, parser
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

_CERTIFICATES = 4
"""The place of the signature in a program's table of directories."""


class SignatureFault(Exception):
    """Why a program is not what its publisher signed."""


def signer(program: bytes) -> str:
    """Return the organisation that signed a program.

    Parameters
    ----------
    program : bytes
        An .exe, .dll or .pyd.

    Raises
    ------
    SignatureFault
        When it is not signed, or not what was signed.
    """
    blob, hashed = _split(program)
    try:
        signed = cms.ContentInfo.load(blob)["content"]
        told = signed["signer_infos"][0]
        algorithm = str(told["digest_algorithm"]["algorithm"].native)
        # SpcIndirectDataContent: what kind of file it is, and the digest.
        (indirect,) = _inner(signed["encap_content_info"]["content"].dump())
        _, digest_info = _inner(indirect)
        expected = parser.parse(_inner(digest_info)[1])[4]
        (attributed,) = (
            bytes(one["values"][0].native)
            for one in told["signed_attrs"]
            if one["type"].native == "message_digest"
        )
        signature = bytes(told["signature"].native)
        serial = told["sid"].chosen["serial_number"].native
        certificates = [x509.load_der_x509_certificate(one.dump()) for one in signed["certificates"]]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise SignatureFault(f"its signature cannot be read ({error})") from error
    if hashlib.new(algorithm, hashed).digest() != expected:
        raise SignatureFault("its content is not what was signed")
    if hashlib.new(algorithm, parser.parse(indirect)[4]).digest() != attributed:
        raise SignatureFault("its digest is not what was signed")
    by_serial = {certificate.serial_number: certificate for certificate in certificates}
    certificate = by_serial[serial]
    # As an attribute of the signature it has another tag than as what is signed.
    attributes_signed = b"\x31" + told["signed_attrs"].dump()[1:]
    _check(certificate, signature, attributes_signed, algorithm)
    _check_chain(certificate, certificates)
    return str(certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value)


def _inner(element: bytes) -> list[bytes]:
    """Return the elements that an element of ASN.1 consists of."""
    rest, found = parser.parse(element)[4], []
    while rest:
        length = len(b"".join(parser.parse(rest, strict=False)[3:]))
        found.append(rest[:length])
        rest = rest[length:]
    return found


def _split(program: bytes) -> tuple[bytes, bytes]:
    """Return a program's signature, and the bytes that it is of."""
    try:
        (header,) = struct.unpack_from("<I", program, 0x3C)
        if program[header : header + 4] != b"PE\0\0":
            raise SignatureFault("it is no Windows program")
        optional = header + 24
        (magic,) = struct.unpack_from("<H", program, optional)
        directories = optional + (112 if magic == 0x20B else 96)
        entry = directories + 8 * _CERTIFICATES
        start, size = struct.unpack_from("<II", program, entry)
        if not start:
            raise SignatureFault("it is not signed")
        (length,) = struct.unpack_from("<I", program, start)
    except struct.error:
        raise SignatureFault("it is no Windows program") from None
    checksum = optional + 64
    # All but the header's checksum, the place of the signature, and the signature itself.
    hashed = program[:checksum] + program[checksum + 4 : entry] + program[entry + 8 : start]
    if program[start + size :]:
        raise SignatureFault("something was added after its signature")
    return program[start + 8 : start + length], hashed


def _check(certificate: x509.Certificate, signature: bytes, signed: bytes, algorithm: str) -> None:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise SignatureFault("its signer's key is none of RSA")
    try:
        key.verify(signature, signed, padding.PKCS1v15(), getattr(hashes, algorithm.upper())())
    except InvalidSignature:
        raise SignatureFault("its signature was not made with its signer's key") from None


def _check_chain(certificate: x509.Certificate, certificates: Sequence[x509.Certificate]) -> None:
    """Check that each certificate was issued by the next, as far as they are there."""
    while certificate.subject != certificate.issuer:
        issuer = next((one for one in certificates if one.subject == certificate.issuer), None)
        if issuer is None:
            return
        try:
            certificate.verify_directly_issued_by(issuer)
        except (InvalidSignature, ValueError, TypeError):
            raise SignatureFault("its signer's certificate is forged") from None
        certificate = issuer
