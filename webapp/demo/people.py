"""Who lives in the demonstration: the accounts that one signs in with, and the words that names are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from webapp.accounts.models import RoleName, Sex

PASSWORD = "aula-norte-demo"  # noqa: S105  public on purpose: it exists only in demo mode, which needs loopback
HOST = "demo.example"


@dataclass(frozen=True)
class Account:
    """An account that the start of the demonstration prints. `state` and `region` are the scope of `role`."""

    email: str
    given_names: str
    first_surname: str
    second_surname: str
    sex: Sex
    says: str
    role: RoleName | None = None
    state: str | None = None
    region: str | None = None


ACCOUNTS = (
    Account(f"participante@{HOST}", "Abril", "Cardón", "Médano", "mujer", "participante, a medio curso"),
    Account(f"instruccion@{HOST}", "Ramiro", "Palofierro", "Duna", "hombre", "instructor", "trainer"),
    Account(
        f"coordinacion.bcs@{HOST}",
        "Elvira",
        "Gobernadora",
        "Estero",
        "mujer",
        "coordinadora de Baja California Sur",
        "coordinator",
        "MX-BCS",
    ),
    Account(
        f"coordinacion.son@{HOST}",
        "Tomás",
        "Sahuaro",
        "Bacanora",
        "hombre",
        "coordinador de Sonora",
        "coordinator",
        "MX-SON",
    ),
    Account(
        f"region@{HOST}",
        "Inés",
        "Sotol",
        "Bavispe",
        "mujer",
        "coordinadora de la Región Norte",
        "regional-coordinator",
        None,
        "norte",
    ),
    Account(f"administracion@{HOST}", "Julián", "Mezquital", "Biznaga", "hombre", "administrador", "administrator"),
)

WOMEN = (
    "Ana Lucía",
    "Beatriz",
    "Carmen",
    "Daniela",
    "Estela",
    "Fernanda",
    "Guadalupe",
    "Irma",
    "Jimena",
    "Leticia",
    "María José",
    "Norma",
    "Olga",
    "Patricia",
    "Rocío",
    "Sofía",
    "Teresa",
    "Verónica",
    "Ximena",
    "Yolanda",
)
MEN = (
    "Alberto",
    "Benjamín",
    "César",
    "Darío",
    "Ernesto",
    "Felipe",
    "Gerardo",
    "Héctor",
    "Iván",
    "Joaquín",
    "Luis Ángel",
    "Martín",
    "Noé",
    "Óscar",
    "Pablo",
    "Raúl",
    "Sergio",
    "Ulises",
    "Víctor",
    "Zacarías",
)
SURNAMES = ("Ocotillo", "Mezquite", "Cardón", "Choya", "Palofierro", "Torote", "Jojoba", "Palma", "Yuca", "Sotol",
            "Lechuguilla", "Encino", "Táscate", "Huizache", "Nopal", "Pitaya", "Güirote", "Ébano", "Anacua", "Maguey",
            "Arroyo", "Cañada", "Estero", "Médano", "Salina", "Serrano", "Barranca", "Llano", "Ribera", "Cumbre")  # fmt: skip


def draw_name(rng: Random) -> tuple[str, str, str, Sex]:
    """Given names, two surnames (the second at times missing) and sex of someone who does not exist."""
    woman = rng.random() < 0.58
    given = rng.choice(WOMEN if woman else MEN)
    first, second = rng.sample(SURNAMES, 2)
    told: Sex = "mujer" if woman else "hombre"
    if rng.random() < 0.06:
        told = rng.choice(("otra", "prefiere-no-decir", "no-especificado"))
    return given, first, second if rng.random() < 0.95 else "", told
