"""The seal, judged by others: poppler's `pdfsig` for the signature, page-validation for the profiles."""

from __future__ import annotations

import os
import stat
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import page
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from pypdf import PdfReader

from webapp.core import clock
from webapp.records.pdf import ConstanciaDocument, render
from webapp.records.signing import SELF_SIGNED_FILE, Signer, SigningError, load_signer, self_signed_signer

DOCUMENT = ConstanciaDocument(
    folio="BC-2026-000001",
    name="Íñigo Agüero Muñoz",
    course_title="Protección de datos personales",
    hours=Decimal("8.0"),
    score=100,
    accredited_on=date(2026, 11, 24),
    issued_on=date(2026, 11, 24),
    valid_until=None,
    issuer_name="Emisor de prueba",
    obliged_subject_name="",
    verify_url="https://aula-norte.example/verificar/ABCDEFGHJKMNPQRSTVWX",
    code="ABCDEFGHJKMNPQRSTVWX",
    revision="a" * 64,
)
RULES_AT_LEAST = {page.ValidationProfile.PDF_UA_1: 100, page.ValidationProfile.PDF_A_2A: 150}


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return self_signed_signer(tmp_path_factory.mktemp("keys"), "Emisor de prueba")


@pytest.fixture(scope="module")
def plain() -> bytes:
    return render(DOCUMENT)


@pytest.fixture
def judged(tmp_path: Path) -> Callable[[bytes], str]:
    """What `pdfsig` says of a file."""

    def judge(content: bytes) -> str:
        path = tmp_path / "judged.pdf"
        path.write_bytes(content)
        # Its exit code also tells that the certificate is unknown, so the verdict is read from its words.
        return subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout

    return judge


def test_the_seal_is_valid_covers_the_whole_file_and_names_the_issuer(
    signer: Signer, plain: bytes, judged: Callable[[bytes], str]
) -> None:
    verdict = judged(signer.sign(plain))

    assert "Signature Validation: Signature is Valid." in verdict
    assert "Total document signed" in verdict
    assert "Signer Certificate Common Name: Emisor de prueba" in verdict
    assert "Signature Type: ETSI.CAdES.detached" in verdict


def test_an_altered_byte_is_caught_wherever_it_is(signer: Signer, plain: bytes, judged: Callable[[bytes], str]) -> None:
    sealed = signer.sign(plain)
    first_stream = sealed.index(b"stream\n") + len(b"stream\n") + 20
    packet = sealed.index(DOCUMENT.name.encode())  # in the XMP metadata
    appended = sealed.index(b"/Reason (") + len(b"/Reason (")

    for position in (first_stream, packet, appended):
        altered = bytearray(sealed)
        altered[position] ^= 1
        verdict = judged(bytes(altered))
        assert "Digest Mismatch" in verdict, position
        assert "Signature is Valid" not in verdict


def test_an_unsealed_file_is_not_taken_for_a_sealed_one(plain: bytes, judged: Callable[[bytes], str]) -> None:
    assert "does not contain any signatures" in judged(plain)


@pytest.mark.parametrize("profile", RULES_AT_LEAST)
def test_the_sealed_file_still_keeps_both_profiles(
    signer: Signer, profile: page.ValidationProfile, tmp_path: Path
) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(render(DOCUMENT, signer))

    report = page.validate_pdf(path, profile=profile)

    assert [(fault.rule_id, fault.message) for fault in report.failures] == []
    assert report.is_compliant
    assert report.rules.passed >= RULES_AT_LEAST[profile]


def test_the_seal_is_appended_and_the_file_stays_at_pdf_1_7(signer: Signer, plain: bytes) -> None:
    sealed = signer.sign(plain)

    assert sealed.startswith(plain)
    assert b"/Version /2.0" not in sealed
    assert b"/BaseVersion /2.0" not in sealed
    assert sealed.count(b"<?xpacket begin") == 1  # the metadata was not rewritten


def test_a_screen_reader_finds_a_name_for_the_field_of_the_seal(signer: Signer, plain: bytes) -> None:
    fields = PdfReader(BytesIO(signer.sign(plain))).get_fields()

    assert fields is not None
    assert [field["/TU"] for field in fields.values()] == ["Sello digital del emisor de la constancia"]


def test_one_signer_serves_several_threads(signer: Signer, plain: bytes, judged: Callable[[bytes], str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        sealed = list(pool.map(signer.sign, [plain] * 8))

    assert all("Signature is Valid" in judged(content) for content in sealed)


def test_the_sites_own_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "keys"
    first = self_signed_signer(folder, "Emisor de prueba")
    second = self_signed_signer(folder, "Otro nombre")

    assert first.fingerprint == second.fingerprint
    assert second.common_name == "Emisor de prueba"
    assert stat.S_IMODE((folder / SELF_SIGNED_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert os.listdir(folder) == [SELF_SIGNED_FILE]


def test_callers_that_arrive_together_agree_on_one_key(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def arrive(_: int) -> str:
        together.wait()
        return self_signed_signer(tmp_path, "Emisor de prueba").fingerprint

    with ThreadPoolExecutor(8) as pool:
        fingerprints = set(pool.map(arrive, range(8)))

    assert len(fingerprints) == 1
    assert os.listdir(tmp_path) == [SELF_SIGNED_FILE]


def test_the_sites_own_certificate_is_p256_for_ten_years_and_for_signing_only(tmp_path: Path) -> None:
    signer = self_signed_signer(tmp_path, "Emisor de prueba")
    _, certificate, _ = pkcs12.load_key_and_certificates((tmp_path / SELF_SIGNED_FILE).read_bytes(), None)

    assert certificate is not None
    public = certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert isinstance(public.curve, ec.SECP256R1)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert signer.valid_from < clock.now()
    assert timedelta(days=3640) < signer.valid_until - clock.now() < timedelta(days=3654)


@pytest.mark.parametrize(
    ("long", "short"),
    [
        (
            "Instituto de Transparencia, Acceso a la Información Pública y Protección de Datos Personales",
            "Instituto de Transparencia, Acceso a la Información Pública…",
        ),
        ("ñ" * 40, "ñ" * 30 + "…"),
    ],
)
def test_a_name_longer_than_a_certificate_allows_is_shortened(long: str, short: str, tmp_path: Path) -> None:
    assert self_signed_signer(tmp_path, long).common_name == short


def issued(folder: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, begins: datetime, ends: datetime) -> Path:
    """A .p12 with the password «ñandú», as an authority would bring it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Autoridad de prueba")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    path = folder / "autoridad.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, BestAvailableEncryption("ñandú".encode()))
    )
    return path


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_an_authority_may_bring_its_own_certificate_under_a_password(
    kind: str, plain: bytes, tmp_path: Path, judged: Callable[[bytes], str]
) -> None:
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    path = issued(tmp_path, key, clock.now() - timedelta(days=1), clock.now() + timedelta(days=1))

    verdict = judged(load_signer(path, "ñandú").sign(plain))

    assert "Signature is Valid" in verdict
    assert "Autoridad de prueba" in verdict


def test_a_wrong_password_a_damaged_file_and_a_missing_one_are_told_by_name(tmp_path: Path) -> None:
    path = issued(tmp_path, ec.generate_private_key(ec.SECP256R1()), clock.now(), clock.now() + timedelta(days=1))
    damaged = tmp_path / "damaged.p12"
    damaged.write_bytes(b"not a key")

    for wrong, password in ((path, "otra"), (path, None), (damaged, None), (tmp_path / "missing.p12", None)):
        with pytest.raises(SigningError, match=wrong.name):
            load_signer(wrong, password)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)),
        (datetime(2090, 1, 1, tzinfo=UTC), datetime(2091, 1, 1, tzinfo=UTC)),
    ],
    ids=["expired", "future"],
)
def test_a_certificate_out_of_force_does_not_seal(
    begins: datetime, ends: datetime, plain: bytes, tmp_path: Path
) -> None:
    signer = load_signer(issued(tmp_path, ec.generate_private_key(ec.SECP256R1()), begins, ends), "ñandú")

    with pytest.raises(SigningError, match="Autoridad de prueba"):
        signer.sign(plain)
