"""The signed file of a constancia: made from its snapshot, by a job or at the moment it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from webapp.records.pdf import ConstanciaDocument, SignerSource
from webapp.records.signing import Signer, load_signer, self_signed_signer


def document_of(snapshot: Mapping[str, Any], base_url: str) -> ConstanciaDocument:
    """What the sheet says, from the snapshot that was kept when the constancia was issued."""
    return ConstanciaDocument(
        folio=snapshot["folio"],
        name=snapshot["name"],
        course_title=snapshot["course_title"],
        hours=Decimal(snapshot["hours"]),
        score=snapshot["score"],
        accredited_on=date.fromisoformat(snapshot["accredited_on"]),
        issued_on=date.fromisoformat(snapshot["issued_on"]),
        valid_until=date.fromisoformat(snapshot["valid_until"]) if snapshot["valid_until"] else None,
        issuer_name=snapshot["issuer_name"],
        obliged_subject_name=snapshot["obliged_subject_name"],
        verify_url=f"{base_url}/verificar/{snapshot['code']}",
        code=snapshot["code"],
        revision=snapshot["revision"],
    )


def signer_source(config: Mapping[str, Any]) -> SignerSource:
    """Where the seal comes from: the installation's certificate, else a self-signed one made once."""
    if config["SIGNING_P12"]:
        return partial(load_signer, Path(config["SIGNING_P12"]), config["SIGNING_P12_PASSWORD"])
    return partial(self_signed_signer, Path(config["DATA_DIR"]) / "signing", "Aula Norte")


def signer(config: Mapping[str, Any]) -> Signer:
    """The seal of this installation, opened once per process."""
    return _open(config["SIGNING_P12"], config["SIGNING_P12_PASSWORD"], str(config["DATA_DIR"]))


@lru_cache(maxsize=4)
def _open(p12: str | None, password: str | None, data_dir: str) -> Signer:
    return signer_source({"SIGNING_P12": p12, "SIGNING_P12_PASSWORD": password, "DATA_DIR": data_dir})()
