"""Every column about a person is classified, so that the privacy inventory and the person's own copy are complete."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Column, Table

from webapp import app as _every_room  # noqa: F401  loads every table
from webapp.core.db import Base

CLASSES = {"personal", "secret"}
# Names that speak of a person wherever they stand.
TELLING = re.compile(
    r"(^|_)(email|mail|surname|given_names|printed_name|sex|gender|phone|curp|rfc|birth\w*|password|secret|token\w*|"
    r"recipient|browser|ip|user_agent)(_|$)"
)
# Columns that lead from one row to the person that it is about; `granted_by_id` and its like name staff who acted.
LEADS_TO_PERSON = {"person_id", "user_id", "enrolment_id", "attempt_id", "accreditation_id"}
# What the tables about people hold that says nothing about them beyond what is classified: identities of rows, moments of
# bookkeeping, rules copied from the course, and copies of classified columns.
BOOKKEEPING = {
    "person": {
        *{"public_id", "registered_at", "created_at", "demo", "active", "confirmed_at", "personal_email_confirmed_at"},
        *{"create_datetime", "update_datetime"},
    },
    "passkey": {
        *{"sign_count", "transports", "backup_state", "device_type", "extensions", "create_datetime"},
        *{"lastuse_datetime", "usage"},
    },
    "role_grant": {"role", "granted_at", "revoked_at"},
    "affiliation": {"created_at"},
    "obliged_subject_request": {"public_id", "state", "reason", "created_at", "decided_at"},
    "account_session": {"expires_at", "ended_at"},
    "privacy_acceptance": {"text_hash", "channel"},
    "enrolment": {"pass_mark", "attempts_allowed"},
    "quiz_attempt": {"public_id", "kind", "allowed", "seed", "questions", "pass_mark"},
    "answer": {"client_key"},
    "accreditation": {
        *{"public_id", "source", "topic", "modality", "revision", "pass_mark", "recorded_at"},
    },
    "draft_change": {"number", "before_key", "after_key"},
    "score_change": {"undo"},
    "package_attempt": {
        *{"public_id", "package_key", "standard", "counts"},
        *{"session_key", "session_sequence", "session_seconds"},
    },
    "lab_work": {"number", "format", "seed", "workbook_key", "key"},
    "lab_attempt": {"public_id", "format", "allowed", "pass_mark"},
    "constancia": {"year", "number", "snapshot", "snapshot_hash", "issued_on", "pdf_key"},
}  # fmt: skip
# Tokens that are no person's: the handle of a course's file, the hash of a text.
NOT_TELLING = {("obliged_subject", "pnt_id")}

TABLES = Base.metadata.sorted_tables


def _classified(column: Column[object]) -> bool:
    return column.info.get("data") in CLASSES


def _about_people() -> list[Table]:
    """The tables that lead to a person."""
    return [table for table in TABLES if table.name == "person" or LEADS_TO_PERSON & set(table.columns.keys())]


def test_a_column_whose_name_speaks_of_a_person_is_classified() -> None:
    found = [
        f"{table.name}.{column.name}"
        for table in TABLES
        for column in table.columns
        if TELLING.search(column.name)
        and not _classified(column)
        and (table.name, column.name) not in NOT_TELLING
        and column.name not in BOOKKEEPING.get(table.name, set())
    ]
    assert not found


@pytest.mark.parametrize("table", _about_people(), ids=lambda table: str(table.name))
def test_a_table_about_people_classifies_each_column_or_says_that_it_is_bookkeeping(table: Table) -> None:
    unclassified = {
        column.name
        for column in table.columns
        if not _classified(column) and not column.primary_key and not column.foreign_keys
    }
    assert unclassified == BOOKKEEPING.get(table.name, set())


def test_classes_are_the_known_ones() -> None:
    assert {column.info["data"] for table in TABLES for column in table.columns if "data" in column.info} <= CLASSES


def test_constraints_and_indexes_have_names() -> None:
    """A migration can only change what has a name, and the convention gives it the same one on both engines."""
    nameless = [
        f"{table.name}: {item!r}"
        for table in TABLES
        for item in (*table.constraints, *table.indexes)
        if not getattr(item, "name", None)
    ]
    assert not nameless
