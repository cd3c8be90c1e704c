"""People and what hangs on them. Personal columns are marked, so that the person's export can be proven complete."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal

from flask import current_app
from flask_security import UserMixin, WebAuthnMixin
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from webapp.core.db import PERSONAL, SECRET, Model, UTCDateTime, random_id

Sex = Literal["mujer", "hombre", "otra", "prefiere-no-decir", "no-especificado"]
SEXES: tuple[Sex, ...] = ("mujer", "hombre", "otra", "prefiere-no-decir", "no-especificado")
RoleName = Literal["trainer", "coordinator", "regional-coordinator", "administrator"]
CodePurpose = Literal["enter", "personal-email", "work-email", "confirm"]
STAFF_ROLES: tuple[RoleName, ...] = ("trainer", "coordinator", "regional-coordinator", "administrator")


class Person(Model, UserMixin):
    """A person with an account. `email` is lower-case and unique; `confirmed_at` is when a mailed code first proved it.

    A person is `registered_at` once the one registration screen was filled; until then there is no name. Every account
    may learn; further roles are `RoleGrant`s.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("sex IN ('mujer','hombre','otra','prefiere-no-decir','no-especificado')", name="sex"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    email: Mapped[str] = mapped_column(String(254), unique=True, info=PERSONAL)
    personal_email: Mapped[str | None] = mapped_column(String(254), unique=True, info=PERSONAL)
    personal_email_confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    given_names: Mapped[str] = mapped_column(String(80), default="", info=PERSONAL)
    first_surname: Mapped[str] = mapped_column(String(80), default="", info=PERSONAL)
    second_surname: Mapped[str] = mapped_column(String(80), default="", info=PERSONAL)
    search_name: Mapped[str] = mapped_column(String(250), default="", index=True, info=PERSONAL)
    sex: Mapped[Sex] = mapped_column(String(20), default="no-especificado", info=PERSONAL)
    post: Mapped[str] = mapped_column(String(40), default="", info=PERSONAL)  # key of POSTS
    language: Mapped[str] = mapped_column(String(2), default="es", info=PERSONAL)  # of mails
    registered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    demo: Mapped[bool] = mapped_column(default=False)

    # What Flask-Security keeps of an identity.
    active: Mapped[bool] = mapped_column(default=True)
    password: Mapped[str | None] = mapped_column(String(255), info=SECRET)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, info=SECRET)
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64), unique=True, info=SECRET)  # type: ignore[assignment]
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    create_datetime: Mapped[datetime | None] = mapped_column(UTCDateTime)  # type: ignore[assignment]
    update_datetime: Mapped[datetime | None] = mapped_column(UTCDateTime)  # type: ignore[assignment]
    tf_primary_method: Mapped[str | None] = mapped_column(String(64), info=SECRET)
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255), info=SECRET)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(JSON()), info=SECRET)

    grants: Mapped[list[RoleGrant]] = relationship(
        back_populates="person", foreign_keys="RoleGrant.person_id", lazy="raise_on_sql"
    )
    webauthn: Mapped[list[Passkey]] = relationship(back_populates="user", cascade="all, delete-orphan")  # type: ignore[assignment]

    @property
    def full_name(self) -> str:
        """Given names and one or two surnames, as they go onto a constancia."""
        return " ".join(part for part in (self.given_names, self.first_surname, self.second_surname) if part)

    @property
    def short_name(self) -> str:
        """What the page header calls the person."""
        return " ".join(part for part in (self.given_names.split(" ")[0], self.first_surname) if part) or self.email

    def check_tf_required(
        self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool
    ) -> tuple[bool, list[tuple[str, str]]]:
        """Whether signing in goes on to a second step: for whoever has set one up, and for staff in any case."""
        return bool(tf_setup_methods) or self.check_tf_required_setup(), tf_setup_methods

    def check_tf_required_setup(self) -> bool:
        """Whether this person may not be without a second step: staff, except in a demonstration."""
        if current_app.config["DEMO"]:
            return False
        session = object_session(self)
        if session is None:
            raise RuntimeError("a person without a database session")
        return session.scalar(select(RoleGrant.id).filter_by(person_id=self.id, revoked_at=None).limit(1)) is not None

    def holds_any(self, roles: Iterable[str]) -> bool:
        """Whether one of `roles` is held at this moment, in any scope. Needs `grants` to be loaded."""
        wanted = set(roles)
        return any(grant.role in wanted and grant.revoked_at is None for grant in self.grants)


class Passkey(Model, WebAuthnMixin):
    """A WebAuthn credential."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True, info=SECRET)
    public_key: Mapped[bytes] = mapped_column(LargeBinary, info=SECRET)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(JSON()))
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(String(255))
    create_datetime: Mapped[datetime] = mapped_column(UTCDateTime)
    lastuse_datetime: Mapped[datetime] = mapped_column(UTCDateTime)
    name: Mapped[str] = mapped_column(String(64), info=PERSONAL)
    usage: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)

    user: Mapped[Person] = relationship(back_populates="webauthn")

    def get_user_mapping(self) -> dict[str, Any]:
        """How Flask-Security finds the owner of a credential."""
        return {"id": self.user_id}


class RoleGrant(Model):
    """A role beyond learning, with its scope: of states, of a region, or none (the whole platform)."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("role IN ('trainer','coordinator','regional-coordinator','administrator')", name="role"),
        CheckConstraint("(role = 'coordinator') = (state_id IS NOT NULL)", name="state_scope"),
        CheckConstraint("(role = 'regional-coordinator') = (region_id IS NOT NULL)", name="region_scope"),
        Index(
            "uq_role_grant_open",
            "person_id",
            "role",
            text("coalesce(state_id, 0)"),
            text("coalesce(region_id, 0)"),
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[RoleName] = mapped_column(String(24))
    state_id: Mapped[int | None] = mapped_column(ForeignKey("state.id"))
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    person: Mapped[Person] = relationship(back_populates="grants", foreign_keys=[person_id])


class Affiliation(Model):
    """A person works for an obliged subject between two dates (`valid_to` exclusive; None = still)."""

    __tablename__ = "affiliation"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        Index(
            "uq_affiliation_open",
            "person_id",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
            postgresql_where=text("valid_to IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=PERSONAL)
    obliged_subject_id: Mapped[int] = mapped_column(ForeignKey("obliged_subject.id"), index=True, info=PERSONAL)
    valid_from: Mapped[date] = mapped_column(info=PERSONAL)
    valid_to: Mapped[date | None] = mapped_column(info=PERSONAL)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ObligedSubjectRequest(Model):
    """«No lo encuentro»: what a person wrote when the padrón did not have their obliged subject. Never blocks.

    The coordinator of the state links it to one, from a date, or declines it with a reason.
    """

    __tablename__ = "obliged_subject_request"
    __table_args__ = (
        CheckConstraint("state IN ('open','linked','declined')", name="state"),
        CheckConstraint("(state = 'linked') = (obliged_subject_id IS NOT NULL)", name="linked"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    federal_state_id: Mapped[int] = mapped_column(ForeignKey("state.id"), index=True, info=PERSONAL)
    written_name: Mapped[str] = mapped_column(String(250), info=PERSONAL)
    state: Mapped[Literal["open", "linked", "declined"]] = mapped_column(String(10), default="open")
    obliged_subject_id: Mapped[int | None] = mapped_column(ForeignKey("obliged_subject.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class SignInCode(Model):
    """A mailed 6-digit code, as a keyed hash. Lives 10 minutes, dies with the fifth wrong try or the first right one."""

    __tablename__ = "sign_in_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(String(32), unique=True)  # which code the browser waits for
    email: Mapped[str] = mapped_column(String(254), index=True, info=SECRET)
    purpose: Mapped[CodePurpose] = mapped_column(String(16), default="enter")
    code_hash: Mapped[str] = mapped_column(String(64))
    destination: Mapped[str] = mapped_column(String(500), default="")
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AccountSession(Model):
    """A signed-in browser. The cookie holds a random token; only its hash is here. Ended = the cookie is worthless."""

    __tablename__ = "account_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=SECRET)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    browser: Mapped[str] = mapped_column(String(120), default="", info=PERSONAL)


class PrivacyNotice(Model):
    """A version of the privacy notice, immutable, with the hash of its text."""

    __tablename__ = "privacy_notice"
    __table_args__ = (UniqueConstraint("version", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(5))
    simplified_html: Mapped[str] = mapped_column(Text)
    integral_html: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PrivacyAcceptance(Model):
    """A person was shown a version of the notice and accepted it, and what they chose of the optional purposes."""

    __tablename__ = "privacy_acceptance"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    version: Mapped[str] = mapped_column(String(20), info=PERSONAL)
    text_hash: Mapped[str] = mapped_column(String(64))
    accepted_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    channel: Mapped[str] = mapped_column(String(20), default="web")
    invitations: Mapped[bool] = mapped_column(default=False, info=PERSONAL)


class ApiToken(Model):
    """Access of another system to the feed, for all states or one. Shown once; only the hash stays."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=SECRET)
    state_id: Mapped[int | None] = mapped_column(ForeignKey("state.id"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SetupCode(Model):
    """The one-time code that makes the first administrator of an installation without demo data."""

    __tablename__ = "setup_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
