"""Which passwords are refused. Length is what counts; no rules about kinds of characters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from webapp.organizations.names import search_key

SHORTEST, LONGEST = 8, 128

# Words that people reach for, and those of this place. A password that is little more than one of them is refused.
COMMON = frozenset(
    [
        "password",
        "passwort",
        "contrasena",
        "contraseña",
        "clave",
        "claves",
        "acceso",
        "entrar",
        "usuario",
        "admin",
        "administrador",
        "administracion",
        "qwerty",
        "qwertyuiop",
        "asdfgh",
        "asdfghjkl",
        "zxcvbn",
        "zxcvbnm",
        "bienvenido",
        "bienvenida",
        "welcome",
        "hola",
        "holamundo",
        "mexico",
        "viva",
        "america",
        "chivas",
        "cruzazul",
        "pumas",
        "tequiero",
        "teamo",
        "iloveyou",
        "amor",
        "familia",
        "princesa",
        "dragon",
        "monkey",
        "futbol",
        "football",
        "secreto",
        "secret",
        "sunshine",
        "letmein",
        "trustno",
        "master",
        "superman",
        "batman",
        "pokemon",
        "gobierno",
        "transparencia",
        "datospersonales",
        "aula",
        "aulanorte",
        "norte",
        "infomex",
        "sisai",
        "plataforma",
        "municipio",
        "ayuntamiento",
        "estado",
        "servidor",
        "publico",
        "abc",
        "abcd",
        "abcde",
        "abcdef",
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
        "primavera",
        "verano",
        "otono",
        "invierno",
        "lunes",
        "martes",
        "miercoles",
        "jueves",
        "viernes",
        "sabado",
        "domingo",
    ]
)
_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjklñ", "zxcvbnm")


def why_refused(password: str, about: Iterable[str]) -> LazyString | None:
    """Why `password` may not be used by a person known by the texts `about`, or None when it may."""
    if len(password) < SHORTEST:
        return _l("La contraseña debe tener al menos 8 caracteres; con 15 o más es mucho mejor.")
    if len(password) > LONGEST:
        return _l("La contraseña puede tener hasta 128 caracteres.")
    plain = search_key(password).replace(" ", "") or password
    letters = re.sub(r"\d+", "", plain)
    if letters in COMMON or plain in COMMON or len(set(password)) < 4 or _is_run(plain):
        return _l("Esa contraseña es de las primeras que alguien probaría. Usa varias palabras que no vayan juntas.")
    if any(len(word) > 3 and word in plain and len(plain) - len(word) < 6 for word in _words(about)):
        return _l("La contraseña se parece demasiado a tu nombre o a tu correo.")
    return None


def _words(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        yield from search_key(text).split()


def _is_run(plain: str) -> bool:
    """Whether it only walks along the alphabet, the digits or a row of the keyboard, either way."""
    pairs = list(pairwise(plain))
    steps = sum(any(a + b in row or b + a in row for row in _ROWS) or a == b for a, b in pairs)
    return bool(pairs) and steps >= len(pairs) - 1
