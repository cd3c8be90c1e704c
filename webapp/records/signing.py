"""The issuer's seal on a PDF: PAdES baseline B, certified, invisible, within PDF/A-2a and PDF/UA-1.

A certificate that the site makes for itself is unknown to readers of PDF, who then show "unknown signer". It still
proves that no byte changed; who issued the document is answered by the verification page.

pyHanko is imported where it is used: it weighs about 30 MB, and a web worker that never seals must not carry it.
"""

from __future__ import annotations

import os
import secrets
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from webapp.core import clock

if TYPE_CHECKING:
    from pyhanko.pdf_utils.extensions import DeveloperExtension
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import SimpleSigner

SELF_SIGNED_FILE = "constancias.p12"
SELF_SIGNED_YEARS = 10
COMMON_NAME_LIMIT = 64  # X.520 (ub-common-name); `cryptography` counts it in bytes of UTF-8
FIELD_NAME = "SelloDelEmisor"
READABLE_FIELD_NAME = "Sello digital del emisor de la constancia"
REASON = "Constancia de capacitación"
PROFILE_BASE = "/1.7"


class SigningError(Exception):
    """A seal cannot be made; the message says which file or certificate and why."""


class Signer:
    """A certificate with its key, ready to seal. One object serves any number of threads: nothing in it changes."""

    def __init__(self, simple: SimpleSigner) -> None:
        certificate = simple.signing_cert
        if certificate is None:
            raise SigningError("The signing file holds no certificate.")
        self._simple = simple
        self.common_name: str = certificate.subject.native.get("common_name") or certificate.subject.human_friendly
        self.valid_from: datetime = certificate.not_valid_before
        self.valid_until: datetime = certificate.not_valid_after
        self.fingerprint: str = certificate.sha256.hex()

    def sign(self, pdf: bytes) -> bytes:
        """`pdf` with the seal appended; the bytes that were there stay as they are, but for a final line end.

        Raises SigningError while the certificate is not in force.
        """
        if not self.valid_from <= clock.now() <= self.valid_until:
            raise SigningError(
                f"The certificate of {self.common_name} is valid from {self.valid_from:%Y-%m-%d} "
                f"to {self.valid_until:%Y-%m-%d}; today is not within."
            )
        from pyhanko.sign import fields, signers

        # PDF/A wants an end of line after %%EOF before the appended part begins.
        writer = _seal_writer()(BytesIO(pdf + b"\n"))
        sealed = BytesIO()
        signers.PdfSigner(
            signers.PdfSignatureMetadata(
                field_name=FIELD_NAME,
                name=self.common_name,
                reason=REASON,
                md_algorithm="sha256",
                subfilter=fields.SigSeedSubFilter.PADES,
                certify=True,
                docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            ),
            signer=self._simple,
            # PDF/UA forbids an untagged field inside the page, PDF/A a hidden one: it lies outside the page, visible.
            new_field_spec=fields.SigFieldSpec(
                sig_field_name=FIELD_NAME,
                readable_field_name=READABLE_FIELD_NAME,
                invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True),
            ),
        ).sign_pdf(writer, output=sealed)
        return sealed.getvalue()


@cache
def _seal_writer() -> type[IncrementalPdfFileWriter]:
    """The class of what appends the seal and leaves the rest of the document as its profiles demand."""
    from pyhanko.pdf_utils import incremental_writer

    class SealWriter(incremental_writer.IncrementalPdfFileWriter):
        def _update_meta(self) -> None:
            """Nothing: a rewritten XMP packet would drop the PDF/A and PDF/UA claims; the content did not change."""

        def ensure_output_version(self, version: tuple[int, int]) -> None:
            """Nothing: the file stays at PDF 1.7, the base of both profiles; for ECDSA pyHanko would declare 2.0."""

        def register_extension(self, ext: DeveloperExtension) -> None:
            """Leave out extensions of PDF 2.0; that of PAdES (ESIC, base 1.7) is kept."""
            if ext.base_version == PROFILE_BASE:
                super().register_extension(ext)

    return SealWriter


def load_signer(p12_path: Path, password: str | None) -> Signer:
    """The signer in a PKCS#12 file. Raises SigningError when it cannot be read or opened.

    EC P-256 is the measured choice; an RSA key works too, and takes about ten times longer per document.
    """
    try:
        content = p12_path.read_bytes()
    except OSError as error:
        raise SigningError(f"The signing file {p12_path} cannot be read: {error.strerror}.") from error
    from pyhanko.sign import signers

    try:
        simple = signers.SimpleSigner.load_pkcs12_data(
            content, other_certs=[], passphrase=None if password is None else password.encode()
        )
    except (ValueError, TypeError) as error:
        raise SigningError(f"The signing file {p12_path} is damaged or its password is another.") from error
    return Signer(simple)


def self_signed_signer(folder: Path, common_name: str) -> Signer:
    """The signer kept in `folder`, made on the first call: EC P-256, ten years, file mode 0600.

    Processes that arrive together agree on one key: each writes a file of its own, and the first to link it wins.
    A later `common_name` does not replace a key that exists, for its fingerprint may already be known to others.
    """
    final = folder / SELF_SIGNED_FILE
    if not final.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_once(final, _self_signed_p12(common_name))
    return load_signer(final, None)


def _self_signed_p12(common_name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    shown = _short(common_name)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, shown)])
    begins = clock.now() - timedelta(hours=1)  # a reader whose clock is slow must not find it in the future
    public = key.public_key()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins.replace(year=begins.year + SELF_SIGNED_YEARS, day=min(begins.day, 28)))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signing_only(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(shown.encode(), key, certificate, None, NoEncryption())


def _short(common_name: str) -> str:
    """`common_name` within the limit of a certificate, cut between words where there is more than one."""
    words = common_name.split()
    shown = " ".join(words)
    while len(shown.encode()) > COMMON_NAME_LIMIT:
        words = words[:-1] if len(words) > 1 else [words[0][:-1]]
        shown = " ".join(words) + "…"
    return shown


def _signing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_once(final: Path, content: bytes) -> None:
    """Put `content` at `final` unless somebody already did; readers see a whole file or none."""
    draft = final.with_name(f".{final.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(draft, final)
        except FileExistsError:
            return  # another process was first, and its key is the one in use
    finally:
        draft.unlink()
