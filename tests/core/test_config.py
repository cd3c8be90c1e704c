"""Settings: sensible without any, and a wrong one stops the start with a sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

import config
from config import ConfigError


def load(folder: Path, **environment: str) -> dict[str, object]:
    return config.load({"AULA_DATA_DIR": str(folder), **environment})


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "-1"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "²"),
        ("AULA_WORKERS", "0"),
        ("AULA_WORKERS", "1.5"),
        ("AULA_WORKERS", "1000"),
        ("AULA_PROXIES", "yes"),
        ("AULA_DEMO", "maybe"),
        ("AULA_SECRET_KEY", "short"),
        ("AULA_CONTENT_HOST", "127.0.0.1:9000"),
        ("AULA_CONTENT_HOST", "https://contenido.example.org"),
        ("AULA_CONTENT_HOST", "contenido.example.org:0"),
        ("AULA_BASE_URL", "aula.example.org"),
        ("AULA_BASE_URL", "ftp://aula.example.org"),
        ("AULA_BASE_URL", "https://"),
        ("AULA_BASE_URL", "https://aula.example.org:port"),
        ("AULA_BASE_URL", "https://aula.example.org/aula"),
        ("DATABASE_URL", "mysql://localhost/aula"),
        ("DATABASE_URL", "sqlite:///aula.db"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "postgresql://user@host:port/aula"),
        ("SMTP_URL", "correo.example.org:25"),
        ("SMTP_URL", "http://correo.example.org"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://correo.example.org:mail"),
        ("AULA_MAIL_FROM", "Aula Norte"),
        ("AULA_MAIL_FROM", "Aula <aula@example.org>\nBcc: x@example.org"),
        ("AULA_SIGNING_P12", "/no/such/file.p12"),
        ("AULA_COURSES_DIR", "/no/such/folder"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(tmp_path: Path, setting: str, value: str) -> None:
    with pytest.raises(ConfigError, match=setting):
        load(tmp_path, **{setting: value})


def test_what_a_wrong_setting_says_holds_no_password(tmp_path: Path) -> None:
    for setting, value in (
        ("DATABASE_URL", "mysql://aula:secreta@localhost/aula"),
        ("DATABASE_URL", "postgresql://aula:secreta@localhost:x/aula"),
        ("SMTP_URL", "http://aula:secreta@correo.example.org"),
        ("AULA_SECRET_KEY", "secreta"),
    ):
        with pytest.raises(ConfigError) as caught:
            load(tmp_path, **{setting: value})
        assert "secreta" not in str(caught.value)


@pytest.mark.parametrize(
    "environment",
    [
        {"HOST": "192.0.2.7"},
        {"AULA_BASE_URL": "https://aula.example.org"},
    ],
)
def test_a_demonstration_is_for_this_machine_alone(tmp_path: Path, environment: dict[str, str]) -> None:
    assert load(tmp_path, **environment)["DEMO"] is False
    with pytest.raises(ConfigError, match="AULA_DEMO"):
        load(tmp_path, AULA_DEMO="1", **environment)


def test_without_any_setting_it_is_a_demonstration_on_this_machine(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert (found["DEMO"], found["HOST"], found["PORT"], found["BASE_URL"]) == (
        *(True, "127.0.0.1", 8000),
        "http://127.0.0.1:8000",
    )
    assert found["DATABASE_URL"] == f"sqlite:///{tmp_path}/aula.db"


def test_a_machine_that_listens_on_an_ipv6_address_is_called_by_its_name(tmp_path: Path) -> None:
    found = load(tmp_path, HOST="::1", PORT="9000")
    assert (found["BASE_URL"], found["DEMO"]) == ("http://localhost:9000", True)


def test_only_named_hosts_are_trusted_outside_of_loopback(tmp_path: Path) -> None:
    found = load(tmp_path, AULA_BASE_URL="https://aula.example.org/", AULA_TRUSTED_HOSTS="a.example, b.example ,")
    assert found["TRUSTED_HOSTS"] == ["a.example", "aula.example.org", "b.example"]
    assert found["BASE_URL"] == "https://aula.example.org"
    assert set(load(tmp_path)["TRUSTED_HOSTS"]) == {"127.0.0.1", "::1", "localhost"}  # type: ignore[call-overload]


def test_postgresql_is_understood_under_its_two_names(tmp_path: Path) -> None:
    for scheme in ("postgres", "postgresql"):
        found = load(tmp_path, DATABASE_URL=f"{scheme}://u:p@h:5432/aula")
        assert found["DATABASE_URL"] == "postgresql+psycopg://u:p@h:5432/aula"


def test_postgresql_may_be_the_one_behind_a_socket_of_this_machine(tmp_path: Path) -> None:
    found = load(tmp_path, DATABASE_URL="postgresql://aula@/aula?host=/var/run/postgresql")
    assert found["DATABASE_URL"] == "postgresql+psycopg://aula@/aula?host=/var/run/postgresql"


def test_the_secret_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = load(tmp_path)["SECRET_KEY"]
    assert load(tmp_path)["SECRET_KEY"] == first
    assert len(str(first)) >= 32
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]
    given = "x" * 32
    assert load(tmp_path, AULA_SECRET_KEY=given)["SECRET_KEY"] == given


def test_the_data_folder_is_closed_to_others(tmp_path: Path) -> None:
    load(tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder").stat().st_mode & 0o007 == 0


def test_packages_are_shown_from_the_other_name_of_loopback_or_not_at_all(tmp_path: Path) -> None:
    assert load(tmp_path, PORT="9000")["CONTENT_HOST"] == "localhost:9000"
    assert load(tmp_path, AULA_BASE_URL="http://localhost:9000")["CONTENT_HOST"] == "127.0.0.1:9000"
    assert load(tmp_path, AULA_BASE_URL="https://aula.example.org")["CONTENT_HOST"] is None
    assert load(tmp_path, AULA_CONTENT_HOST="off")["CONTENT_HOST"] is None
    given = {"AULA_BASE_URL": "https://aula.example.org", "AULA_CONTENT_HOST": "Contenido.example.org"}
    assert load(tmp_path, **given)["CONTENT_HOST"] == "contenido.example.org"
