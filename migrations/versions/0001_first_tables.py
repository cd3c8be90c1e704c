"""First tables, and the triggers that keep facts from being rewritten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


# Rows of these tables are facts: nobody changes them, and (except an answer, which goes with its person) nobody deletes
# them either.
NEVER_CHANGED = ("accreditation", "audit_event", "answer", "course_revision", "privacy_notice")
NEVER_DELETED = ("accreditation", "audit_event", "constancia", "course_revision", "privacy_notice")

TABLES = (
    "audit_event",
    "audit_head",
    "job",
    "outbox_message",
    "person",
    "privacy_notice",
    "region",
    "setup_code",
    "sign_in_code",
    "state",
    "throttle_window",
    "account_session",
    "api_token",
    "authority",
    "passkey",
    "privacy_acceptance",
    "region_state",
    "role_grant",
    "course",
    "folio_series",
    "obliged_subject",
    "accreditation",
    "affiliation",
    "course_revision",
    "obliged_subject_request",
    "constancia",
    "course_asset",
    "enrolment",
    "attempt_grant",
    "quiz_attempt",
    "step_progress",
    "answer",
)


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_event_hash")),
    )
    op.create_index(op.f("ix_audit_event_action"), "audit_event", ["action"], unique=False)
    op.create_index(op.f("ix_audit_event_subject"), "audit_event", ["subject"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('queued','running','done','failed')", name=op.f("ck_job_state")),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_job_progress")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("public_id", name=op.f("uq_job_public_id")),
    )
    op.create_index("ix_job_waiting", "job", ["state", "due_at"], unique=False)

    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("personal_email", sa.String(length=254), nullable=True),
        sa.Column("personal_email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_names", sa.String(length=80), nullable=False),
        sa.Column("first_surname", sa.String(length=80), nullable=False),
        sa.Column("second_surname", sa.String(length=80), nullable=False),
        sa.Column("search_name", sa.String(length=250), nullable=False),
        sa.Column("sex", sa.String(length=20), nullable=False),
        sa.Column("post", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("fs_webauthn_user_handle", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("create_datetime", sa.DateTime(timezone=True), nullable=True),
        sa.Column("update_datetime", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("mf_recovery_codes", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "sex IN ('mujer','hombre','otra','prefiere-no-decir','no-especificado')", name=op.f("ck_person_sex")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_person_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_person_fs_uniquifier")),
        sa.UniqueConstraint("fs_webauthn_user_handle", name=op.f("uq_person_fs_webauthn_user_handle")),
        sa.UniqueConstraint("personal_email", name=op.f("uq_person_personal_email")),
        sa.UniqueConstraint("public_id", name=op.f("uq_person_public_id")),
    )
    op.create_index(op.f("ix_person_search_name"), "person", ["search_name"], unique=False)

    op.create_table(
        "privacy_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("simplified_html", sa.Text(), nullable=False),
        sa.Column("integral_html", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_notice")),
        sa.UniqueConstraint("version", "language", name=op.f("uq_privacy_notice_version_language")),
    )
    op.create_table(
        "region",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("key", name=op.f("uq_region_key")),
    )
    op.create_table(
        "setup_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup_code")),
    )
    op.create_table(
        "sign_in_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("destination", sa.String(length=500), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_code")),
        sa.UniqueConstraint("handle", name=op.f("uq_sign_in_code_handle")),
    )
    op.create_index(op.f("ix_sign_in_code_email"), "sign_in_code", ["email"], unique=False)
    op.create_index(op.f("ix_sign_in_code_expires_at"), "sign_in_code", ["expires_at"], unique=False)

    op.create_table(
        "state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("iso", sa.String(length=6), nullable=False),
        sa.Column("inegi", sa.String(length=2), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state")),
        sa.UniqueConstraint("inegi", name=op.f("uq_state_inegi")),
        sa.UniqueConstraint("iso", name=op.f("uq_state_iso")),
        sa.UniqueConstraint("name", name=op.f("uq_state_name")),
    )
    op.create_table(
        "throttle_window",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_throttle_window")),
        sa.UniqueConstraint("key", "started_at", name=op.f("uq_throttle_window_key_started_at")),
    )
    op.create_index(op.f("ix_throttle_window_started_at"), "throttle_window", ["started_at"], unique=False)

    op.create_table(
        "account_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("browser", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_session_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_session_token_hash")),
    )
    op.create_index(op.f("ix_account_session_person_id"), "account_session", ["person_id"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("state_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_api_token_created_by_id_person")),
        sa.ForeignKeyConstraint(["state_id"], ["state.id"], name=op.f("fk_api_token_state_id_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("public_id", name=op.f("uq_api_token_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_table(
        "authority",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("acronym", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state_id", sa.Integer(), nullable=True),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_authority_validity")
        ),
        sa.ForeignKeyConstraint(["state_id"], ["state.id"], name=op.f("fk_authority_state_id_state")),
        sa.ForeignKeyConstraint(["successor_id"], ["authority.id"], name=op.f("fk_authority_successor_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
        sa.UniqueConstraint("key", name=op.f("uq_authority_key")),
    )
    op.create_index(op.f("ix_authority_state_id"), "authority", ["state_id"], unique=False)

    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=True),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(length=64), nullable=False),
        sa.Column("extensions", sa.String(length=255), nullable=True),
        sa.Column("create_datetime", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lastuse_datetime", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("usage", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"], name=op.f("fk_passkey_user_id_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_user_id"), "passkey", ["user_id"], unique=False)

    op.create_table(
        "privacy_acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("invitations", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_privacy_acceptance_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_acceptance")),
    )
    op.create_index(op.f("ix_privacy_acceptance_person_id"), "privacy_acceptance", ["person_id"], unique=False)

    op.create_table(
        "region_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("state_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_region_state_validity")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_region_state_region_id_region")),
        sa.ForeignKeyConstraint(["state_id"], ["state.id"], name=op.f("fk_region_state_state_id_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_state")),
        sa.UniqueConstraint(
            "region_id", "state_id", "valid_from", name=op.f("uq_region_state_region_id_state_id_valid_from")
        ),
    )
    op.create_index(op.f("ix_region_state_state_id"), "region_state", ["state_id"], unique=False)

    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("state_id", sa.Integer(), nullable=True),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(role = 'coordinator') = (state_id IS NOT NULL)", name=op.f("ck_role_grant_state_scope")),
        sa.CheckConstraint(
            "(role = 'regional-coordinator') = (region_id IS NOT NULL)", name=op.f("ck_role_grant_region_scope")
        ),
        sa.CheckConstraint(
            "role IN ('trainer','coordinator','regional-coordinator','administrator')", name=op.f("ck_role_grant_role")
        ),
        sa.ForeignKeyConstraint(["granted_by_id"], ["person.id"], name=op.f("fk_role_grant_granted_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id_person")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_role_grant_region_id_region")),
        sa.ForeignKeyConstraint(["state_id"], ["state.id"], name=op.f("fk_role_grant_state_id_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_person_id"), "role_grant", ["person_id"], unique=False)

    op.create_table(
        "course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=True),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('published','retired')", name=op.f("ck_course_state")),
        sa.ForeignKeyConstraint(["issuer_id"], ["authority.id"], name=op.f("fk_course_issuer_id_authority")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["course_revision.id"], name=op.f("fk_course_revision_id_course_revision"), use_alter=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("slug", name=op.f("uq_course_slug")),
    )
    op.create_table(
        "folio_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["authority.id"], name=op.f("fk_folio_series_issuer_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folio_series")),
        sa.UniqueConstraint("issuer_id", "year", name=op.f("uq_folio_series_issuer_id_year")),
    )
    op.create_table(
        "obliged_subject",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("pnt_id", sa.String(length=20), nullable=True),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("short_name", sa.String(length=80), nullable=False),
        sa.Column("search_name", sa.String(length=340), nullable=False),
        sa.Column("state_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("municipality", sa.String(length=80), nullable=False),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("level IN ('federal','estatal','municipal')", name=op.f("ck_obliged_subject_level")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_obliged_subject_validity")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_obliged_subject_authority_id_authority")
        ),
        sa.ForeignKeyConstraint(["state_id"], ["state.id"], name=op.f("fk_obliged_subject_state_id_state")),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["obliged_subject.id"], name=op.f("fk_obliged_subject_successor_id_obliged_subject")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obliged_subject")),
        sa.UniqueConstraint("key", name=op.f("uq_obliged_subject_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_obliged_subject_public_id")),
        sa.UniqueConstraint("state_id", "name", "valid_from", name=op.f("uq_obliged_subject_state_id_name_valid_from")),
    )
    op.create_index(op.f("ix_obliged_subject_authority_id"), "obliged_subject", ["authority_id"], unique=False)
    op.create_index(op.f("ix_obliged_subject_pnt_id"), "obliged_subject", ["pnt_id"], unique=False)
    op.create_index("ix_obliged_subject_state_search", "obliged_subject", ["state_id", "search_name"], unique=False)

    op.create_table(
        "accreditation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_slug", sa.String(length=120), nullable=False),
        sa.Column("course_title", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("modality", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("hours", sa.Numeric(precision=5, scale=1), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("obliged_subject_id", sa.Integer(), nullable=True),
        sa.Column("state_id", sa.Integer(), nullable=True),
        sa.Column("sex", sa.String(length=20), nullable=False),
        sa.Column("accredited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accredited_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("correction_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(corrects_id IS NULL) = (correction_reason = '')", name=op.f("ck_accreditation_correction")
        ),
        sa.CheckConstraint(
            "score BETWEEN 0 AND 100 AND pass_mark BETWEEN 0 AND 100", name=op.f("ck_accreditation_score")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["accreditation.id"], name=op.f("fk_accreditation_corrects_id_accreditation")
        ),
        sa.ForeignKeyConstraint(["issuer_id"], ["authority.id"], name=op.f("fk_accreditation_issuer_id_authority")),
        sa.ForeignKeyConstraint(
            ["obliged_subject_id"],
            ["obliged_subject.id"],
            name=op.f("fk_accreditation_obliged_subject_id_obliged_subject"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_accreditation_person_id_person")),
        sa.ForeignKeyConstraint(["state_id"], ["state.id"], name=op.f("fk_accreditation_state_id_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accreditation")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_accreditation_corrects_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_accreditation_public_id")),
    )
    op.create_index(op.f("ix_accreditation_accredited_on"), "accreditation", ["accredited_on"], unique=False)
    op.create_index("ix_accreditation_counted", "accreditation", ["state_id", "accredited_on"], unique=False)
    op.create_index(op.f("ix_accreditation_course_slug"), "accreditation", ["course_slug"], unique=False)
    op.create_index(op.f("ix_accreditation_obliged_subject_id"), "accreditation", ["obliged_subject_id"], unique=False)
    op.create_index(op.f("ix_accreditation_person_id"), "accreditation", ["person_id"], unique=False)
    op.create_index(
        "uq_accreditation_source",
        "accreditation",
        ["source"],
        unique=True,
        sqlite_where=sa.text("corrects_id IS NULL"),
        postgresql_where=sa.text("corrects_id IS NULL"),
    )

    op.create_table(
        "affiliation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("obliged_subject_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_affiliation_validity")),
        sa.ForeignKeyConstraint(
            ["obliged_subject_id"],
            ["obliged_subject.id"],
            name=op.f("fk_affiliation_obliged_subject_id_obliged_subject"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_affiliation_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliation")),
    )
    op.create_index(op.f("ix_affiliation_obliged_subject_id"), "affiliation", ["obliged_subject_id"], unique=False)
    op.create_index(op.f("ix_affiliation_person_id"), "affiliation", ["person_id"], unique=False)
    op.create_index(
        "uq_affiliation_open",
        "affiliation",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )

    op.create_table(
        "course_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_revision_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_revision")),
        sa.UniqueConstraint("course_id", "hash", name=op.f("uq_course_revision_course_id_hash")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_course_revision_course_id_number")),
    )
    op.create_table(
        "obliged_subject_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("federal_state_id", sa.Integer(), nullable=False),
        sa.Column("written_name", sa.String(length=250), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("obliged_subject_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'linked') = (obliged_subject_id IS NOT NULL)", name=op.f("ck_obliged_subject_request_linked")
        ),
        sa.CheckConstraint("state IN ('open','linked','declined')", name=op.f("ck_obliged_subject_request_state")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_obliged_subject_request_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["federal_state_id"], ["state.id"], name=op.f("fk_obliged_subject_request_federal_state_id_state")
        ),
        sa.ForeignKeyConstraint(
            ["obliged_subject_id"],
            ["obliged_subject.id"],
            name=op.f("fk_obliged_subject_request_obliged_subject_id_obliged_subject"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_obliged_subject_request_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obliged_subject_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_obliged_subject_request_public_id")),
    )
    op.create_index(
        op.f("ix_obliged_subject_request_federal_state_id"),
        "obliged_subject_request",
        ["federal_state_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_obliged_subject_request_person_id"), "obliged_subject_request", ["person_id"], unique=False
    )

    op.create_table(
        "constancia",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("accreditation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("folio", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("snapshot_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revocation_reason", sa.Text(), nullable=False),
        sa.Column("pdf_key", sa.String(length=64), nullable=True),
        sa.CheckConstraint("(revoked_at IS NULL) = (revocation_reason = '')", name=op.f("ck_constancia_revocation")),
        sa.CheckConstraint("number > 0", name=op.f("ck_constancia_number")),
        sa.ForeignKeyConstraint(
            ["accreditation_id"], ["accreditation.id"], name=op.f("fk_constancia_accreditation_id_accreditation")
        ),
        sa.ForeignKeyConstraint(["issuer_id"], ["authority.id"], name=op.f("fk_constancia_issuer_id_authority")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_constancia_person_id_person")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["constancia.id"], name=op.f("fk_constancia_supersedes_id_constancia")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_constancia")),
        sa.UniqueConstraint("code", name=op.f("uq_constancia_code")),
        sa.UniqueConstraint("folio", name=op.f("uq_constancia_folio")),
        sa.UniqueConstraint("issuer_id", "year", "number", name=op.f("uq_constancia_issuer_id_year_number")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_constancia_supersedes_id")),
    )
    op.create_index(op.f("ix_constancia_accreditation_id"), "constancia", ["accreditation_id"], unique=False)
    op.create_index(op.f("ix_constancia_person_id"), "constancia", ["person_id"], unique=False)
    op.create_index(
        "ix_constancia_revoked",
        "constancia",
        ["revoked_at"],
        unique=False,
        sqlite_where=sa.text("revoked_at IS NOT NULL"),
        postgresql_where=sa.text("revoked_at IS NOT NULL"),
    )

    op.create_table(
        "course_asset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("storage_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["course_revision.id"], name=op.f("fk_course_asset_revision_id_course_revision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_asset")),
        sa.UniqueConstraint("revision_id", "path", name=op.f("uq_course_asset_revision_id_path")),
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("obliged_subject_id", sa.Integer(), nullable=True),
        sa.Column("state_id", sa.Integer(), nullable=True),
        sa.Column("sex", sa.String(length=20), nullable=False),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("attempts_allowed", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_name", sa.String(length=250), nullable=False),
        sa.Column("name_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.String(length=120), nullable=False),
        sa.CheckConstraint("due_at > enrolled_at", name=op.f("ck_enrolment_due")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_enrolment_course_id_course")),
        sa.ForeignKeyConstraint(
            ["obliged_subject_id"], ["obliged_subject.id"], name=op.f("fk_enrolment_obliged_subject_id_obliged_subject")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id_person")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["course_revision.id"], name=op.f("fk_enrolment_revision_id_course_revision")
        ),
        sa.ForeignKeyConstraint(["state_id"], ["state.id"], name=op.f("fk_enrolment_state_id_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("person_id", "course_id", name=op.f("uq_enrolment_person_id_course_id")),
    )
    op.create_index(op.f("ix_enrolment_concluded_at"), "enrolment", ["concluded_at"], unique=False)
    op.create_index(op.f("ix_enrolment_course_id"), "enrolment", ["course_id"], unique=False)
    op.create_index("ix_enrolment_state", "enrolment", ["state_id", "course_id", "due_at"], unique=False)
    op.create_index("ix_enrolment_made", "enrolment", ["state_id", "enrolled_at"], unique=False)
    op.create_index("ix_enrolment_subject", "enrolment", ["obliged_subject_id"], unique=False)

    op.create_table(
        "attempt_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("extra", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("extra BETWEEN 1 AND 10", name=op.f("ck_attempt_grant_extra")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_attempt_grant_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(["granted_by_id"], ["person.id"], name=op.f("fk_attempt_grant_granted_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt_grant")),
    )
    op.create_index(op.f("ix_attempt_grant_enrolment_id"), "attempt_grant", ["enrolment_id"], unique=False)

    op.create_table(
        "quiz_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=True),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.CheckConstraint("kind IN ('check','pretest','exam')", name=op.f("ck_quiz_attempt_kind")),
        sa.CheckConstraint("(submitted_at IS NULL) = (score IS NULL)", name=op.f("ck_quiz_attempt_graded")),
        sa.CheckConstraint(
            "number >= 1 AND (allowed IS NULL OR number <= allowed)", name=op.f("ck_quiz_attempt_number_allowed")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_quiz_attempt_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["course_revision.id"], name=op.f("fk_quiz_attempt_revision_id_course_revision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_attempt")),
        sa.UniqueConstraint("enrolment_id", "step", "number", name=op.f("uq_quiz_attempt_enrolment_id_step_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_quiz_attempt_public_id")),
    )
    op.create_index(
        "uq_quiz_attempt_open",
        "quiz_attempt",
        ["enrolment_id", "step"],
        unique=True,
        sqlite_where=sa.text("submitted_at IS NULL"),
        postgresql_where=sa.text("submitted_at IS NULL"),
    )

    op.create_table(
        "step_progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=120), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exempted", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_step_progress_enrolment_id_enrolment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_progress")),
        sa.UniqueConstraint("enrolment_id", "step", name=op.f("uq_step_progress_enrolment_id_step")),
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=120), nullable=False),
        sa.Column("response", sa.JSON(), nullable=False),
        sa.Column("client_key", sa.String(length=40), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["quiz_attempt.id"], name=op.f("fk_answer_attempt_id_quiz_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint("attempt_id", "client_key", name=op.f("uq_answer_attempt_id_client_key")),
    )
    op.create_index("ix_answer_attempt_question", "answer", ["attempt_id", "question", "id"], unique=False)
    op.create_index(
        "uq_role_grant_open",
        "role_grant",
        ["person_id", "role", sa.text("coalesce(state_id, 0)"), sa.text("coalesce(region_id, 0)")],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    if op.get_bind().dialect.name != "sqlite":  # there the table was made with it
        op.create_foreign_key(
            "fk_course_revision_id_course_revision", "course", "course_revision", ["revision_id"], ["id"]
        )
    for table in NEVER_CHANGED:
        _refuse(table, "UPDATE")
    for table in NEVER_DELETED:
        _refuse(table, "DELETE")


def _refuse(table: str, act: str) -> None:
    name = f"{table}_refuses_{act.lower()}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, 'rows of {table} are facts'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_to_rewrite() RETURNS trigger AS $$ BEGIN "
        "RAISE EXCEPTION 'rows of % are facts', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$ LANGUAGE plpgsql"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite()")


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name != "sqlite"
    if postgresql:
        op.drop_constraint("fk_course_revision_id_course_revision", "course", type_="foreignkey")
    for table in reversed(TABLES):
        op.drop_table(table)
    if postgresql:
        op.execute("DROP FUNCTION refuse_to_rewrite()")
