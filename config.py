"""The only reader of environment variables. Nothing inside `webapp/` imports it: `create_app` is given a mapping.

docs/settings.md explains each one; a test keeps the two together.

| variable | meaning | default |
|---|---|---|
| `AULA_DATA_DIR` | folder of the database, files, keys and mail | `var` beside this file |
| `AULA_COURSES_DIR` | folder of the course packages | `courses` beside this file |
| `DATABASE_URL` | `sqlite:////…` or `postgresql://…` | SQLite in the data folder |
| `HOST`, `PORT` | where the server listens | `127.0.0.1`, `8000` |
| `AULA_BASE_URL` | address that people use; goes into mails and QR codes | `http://HOST:PORT` |
| `AULA_TRUSTED_HOSTS` | further host names that are answered, comma-separated | – |
| `AULA_CONTENT_HOST` | `host[:port]` that serves interactive packages; `off`: none | the other name of loopback, else – |
| `AULA_PROXIES` | number of proxies in front | `0` |
| `AULA_DEMO` | `1`: demo people and activity; only on loopback | `1` on loopback, else `0` |
| `AULA_WORKERS` | web worker processes | 2, or 1 on a one-core machine |
| `AULA_SECRET_KEY` | signs sessions and codes, at least 32 characters | made once, kept in the data folder |
| `STORAGE_URL` | `s3://bucket/prefix`: where files are kept instead of the data folder | – (files in the data folder) |
| `STORAGE_ENDPOINT`, `STORAGE_REGION` | address and region of an S3 that is not Amazon's | Amazon's, `us-east-1` |
| `STORAGE_ACCESS_KEY`, `STORAGE_SECRET_KEY` | the keys of the bucket | – |
| `CLAMD_URL` | `tcp://host:3310` or `unix:///path`: the clamd that looks through uploads | – (nothing is looked through) |
| `AULA_QUOTA_MB` | megabytes of materials that each authority may keep | `2048` |
| `SMTP_URL` | `smtp://`, `smtp+starttls://` or `smtps://user:password@host:port` | – (mail goes to a folder) |
| `AULA_MAIL_FROM` | sender of mails | `Aula Norte <no-responder@localhost>` |
| `AULA_ISSUER` | key of the authority that issues constancias | `aula-norte-demo` |
| `AULA_RESPONSIBLE`, `AULA_RESPONSIBLE_ADDRESS` | who is responsible for the data, in the privacy notice | demo values |
| `AULA_TRANSPARENCY_UNIT`, `AULA_ARCO_EMAIL` | who receives ARCO requests, in the privacy notice | demo values |
| `AULA_SIGNING_P12`, `AULA_SIGNING_P12_PASSWORD` | certificate that signs constancias | self-signed, made once |
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class ConfigError(Exception):
    """A setting that cannot be used; the message says which and why."""


def load(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Read the settings and return what `create_app` takes. Makes the data folder and the secret key when missing."""
    env = os.environ if environ is None else environ
    data_dir = Path(env.get("AULA_DATA_DIR") or ROOT / "var").resolve()
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o750)
    host, port = env.get("HOST") or "127.0.0.1", _number(env, "PORT", 8000, least=1, most=65535)
    base_url = _base_url(env, host, port)
    on_loopback = host in LOOPBACK and urlsplit(base_url).hostname in LOOPBACK
    demo = _flag(env, "AULA_DEMO", on_loopback)
    if demo and not on_loopback:
        raise ConfigError(
            "AULA_DEMO=1 needs HOST and AULA_BASE_URL on loopback: demo accounts have public passwords. "
            "Set AULA_DEMO=0 to serve other machines."
        )
    return {
        "ROOT": ROOT,
        "DATA_DIR": data_dir,
        "COURSES_DIR": _existing(env, "AULA_COURSES_DIR") or ROOT / "courses",
        "MIGRATIONS_DIR": ROOT / "migrations",
        "DATABASE_URL": _database_url(env, data_dir),
        "HOST": host,
        "PORT": port,
        "BASE_URL": base_url,
        "TRUSTED_HOSTS": _hosts(env, base_url, on_loopback),
        "CONTENT_HOST": _content_host(env, base_url),
        "PROXIES": _number(env, "AULA_PROXIES", 0, least=0, most=9),
        "DEMO": demo,
        "WORKERS": _number(env, "AULA_WORKERS", min(2, os.cpu_count() or 1), least=1, most=64),
        "SECRET_KEY": _secret_key(env, data_dir),
        "STORAGE_URL": _storage_url(env),
        "STORAGE_OPTIONS": _storage_options(env),
        "CLAMD_URL": _clamd_url(env),
        "QUOTA_MB": _number(env, "AULA_QUOTA_MB", 2048, least=1, most=10_000_000),
        "SMTP_URL": _smtp_url(env),
        "MAIL_FROM": _sender(env),
        "ISSUER": env.get("AULA_ISSUER") or "aula-norte-demo",
        "RESPONSIBLE": env.get("AULA_RESPONSIBLE") or "Aula Norte (demostración)",
        "RESPONSIBLE_ADDRESS": env.get("AULA_RESPONSIBLE_ADDRESS") or "Domicilio de demostración, La Paz, B.C.S.",
        "TRANSPARENCY_UNIT": env.get("AULA_TRANSPARENCY_UNIT") or "Unidad de Transparencia (demostración)",
        "ARCO_EMAIL": env.get("AULA_ARCO_EMAIL") or "arco@aula-norte.example",
        "SIGNING_P12": _existing(env, "AULA_SIGNING_P12"),
        "SIGNING_P12_PASSWORD": env.get("AULA_SIGNING_P12_PASSWORD") or None,
    }


def _base_url(env: Mapping[str, str], host: str, port: int) -> str:
    given = env.get("AULA_BASE_URL")
    if not given:
        # Werkzeug trusts no host written as an IPv6 address, so that a machine listening on one is called by its name.
        return f"http://localhost:{port}" if ":" in host else f"http://{host}:{port}"
    url = given.rstrip("/")
    if urlsplit(url).scheme not in {"http", "https"} or not _is_address(url) or urlsplit(url).path:
        raise ConfigError(f"AULA_BASE_URL must be like https://aula.example.org, without a path, not {given!r}")
    return url


def _is_address(url: str, needs_host: bool = True) -> bool:
    """Whether a URL names a host and, if any, a port that is a number."""
    try:
        return bool(urlsplit(url).hostname or not needs_host) and urlsplit(url).port != 0
    except ValueError:
        return False


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'aula.db'}"
    scheme, _, rest = url.partition("://")
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        if not _is_address(url, needs_host=False):  # without a host it is the socket of this machine
            raise ConfigError("DATABASE_URL must be like postgresql://user:password@host:5432/name")
        return f"postgresql+psycopg://{rest}"
    if not url.startswith("sqlite:////"):
        raise ConfigError("DATABASE_URL must begin with postgresql:// or sqlite:////, and name a file from the root")
    return url


def _storage_url(env: Mapping[str, str]) -> str | None:
    url = env.get("STORAGE_URL")
    if not url:
        return None
    parts = urlsplit(url)
    # What else a URL can hold has a setting of its own; a key in it would be shown with every error.
    plain = parts.username is None and not parts.query and not parts.fragment
    if parts.scheme != "s3" or not plain or not _BUCKET.fullmatch(parts.netloc):
        raise ConfigError(
            "STORAGE_URL must be like s3://bucket/prefix: a bucket of 3 to 63 lower-case letters and digits"
        )
    missing = [name for name in ("STORAGE_ACCESS_KEY", "STORAGE_SECRET_KEY") if not env.get(name)]
    if missing:
        raise ConfigError(f"STORAGE_URL needs {' and '.join(missing)}, the keys of the bucket")
    return url.rstrip("/")


def _storage_options(env: Mapping[str, str]) -> dict[str, Any]:
    """What the S3 client is told beside the bucket."""
    endpoint = env.get("STORAGE_ENDPOINT") or None
    if endpoint and (urlsplit(endpoint).scheme not in {"http", "https"} or not _is_address(endpoint)):
        raise ConfigError("STORAGE_ENDPOINT must be like https://s3.example.org")
    options: dict[str, Any] = {
        "access_key_id": env.get("STORAGE_ACCESS_KEY") or "",
        "secret_access_key": env.get("STORAGE_SECRET_KEY") or "",
        "region": env.get("STORAGE_REGION") or "us-east-1",
        "retry_config": {"max_retries": 3, "retry_timeout": timedelta(seconds=15)},
        "client_options": {"allow_http": (endpoint or "").startswith("http://"), "timeout": timedelta(seconds=60)},
    }
    return options | ({"endpoint": endpoint} if endpoint else {})


def _clamd_url(env: Mapping[str, str]) -> str | None:
    url = env.get("CLAMD_URL")
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/") and len(parts.path) > 1:
        return url
    if parts.scheme == "tcp" and _is_address(url) and parts.port:
        return url
    raise ConfigError("CLAMD_URL must be like tcp://127.0.0.1:3310 or unix:///run/clamav/clamd.ctl")


def _smtp_url(env: Mapping[str, str]) -> str | None:
    url = env.get("SMTP_URL")
    if url and (urlsplit(url).scheme not in {"smtp", "smtp+starttls", "smtps"} or not _is_address(url)):
        raise ConfigError("SMTP_URL must be like smtp+starttls://user:password@host:587 (or smtp://, or smtps://)")
    return url or None


def _sender(env: Mapping[str, str]) -> str:
    given = env.get("AULA_MAIL_FROM") or "Aula Norte <no-responder@localhost>"
    if "@" not in parseaddr(given)[1] or not given.isprintable():
        raise ConfigError(f"AULA_MAIL_FROM must be like Aula Norte <aula@example.org>, not {given!r}")
    return given


def _existing(env: Mapping[str, str], name: str) -> Path | None:
    given = env.get(name)
    if given and not Path(given).exists():
        raise ConfigError(f"{name} is {given}, which does not exist")
    return Path(given).resolve() if given else None


def _hosts(env: Mapping[str, str], base_url: str, on_loopback: bool) -> list[str]:
    hosts = {urlsplit(base_url).hostname or "localhost"}
    hosts |= {host.strip() for host in env.get("AULA_TRUSTED_HOSTS", "").split(",") if host.strip()}
    return sorted(hosts | LOOPBACK if on_loopback else hosts)


def _content_host(env: Mapping[str, str], base_url: str) -> str | None:
    """Where packages made by others are shown: another host than the platform's, because a port isolates nothing."""
    own = (urlsplit(base_url).hostname or "").lower()
    given = env.get("AULA_CONTENT_HOST", "").strip().lower()
    if given == "off":
        return None
    if not given:
        other = (
            {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}.get(own) if not base_url.startswith("https") else None
        )
        return f"{other}:{urlsplit(base_url).port or 80}".removesuffix(":80") if other else None
    url = f"//{given}"
    if not re.fullmatch(r"[a-z0-9.-]+(:[0-9]{1,5})?", given) or not _is_address(url):
        raise ConfigError(f"AULA_CONTENT_HOST must be like contenido.example.org or off, not {given!r}")
    if urlsplit(url).hostname == own:
        raise ConfigError(
            "AULA_CONTENT_HOST must be another host than that of AULA_BASE_URL; another port is not enough"
        )
    return given


def _secret_key(env: Mapping[str, str], data_dir: Path) -> str:
    given = env.get("AULA_SECRET_KEY")
    if given:
        if len(given) < 32:
            raise ConfigError("AULA_SECRET_KEY has fewer than 32 characters")
        return given
    path = data_dir / "secret-key"
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    return path.read_text().strip()


def _write_once(path: Path, content: str) -> None:
    """Write a private file whole, unless another process of the same start was quicker: then its file stays."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        file.write(content)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _flag(env: Mapping[str, str], name: str, default: bool) -> bool:
    value = env.get(name, "").strip().lower()
    if value not in {"", "0", "1", "true", "false"}:
        raise ConfigError(f"{name} must be 0 or 1, not {value!r}")
    return default if value == "" else value in {"1", "true"}


def _number(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = env.get(name, "").strip()
    if not value:
        return default
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ConfigError(f"{name} must be a whole number between {least} and {most}, not {value!r}")
    return int(value)
