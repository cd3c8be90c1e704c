"""How easy a Spanish text is to read: the formula of Szigriszt-Pazos on the INFLESZ scale.

206.835 - 62.3 * syllables / words - words / sentences; below 40 very hard, 40-55 hard, 55-65 normal, 65-80 quite easy,
above 80 very easy (Barrio-Cantalejo et al., Anales del Sistema Sanitario de Navarra 31(2), 2008).
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-záéíóúüñ]+", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<![.:;!?…])[.:;!?…]++(?:[\s»”\")]|$)|\n")
_VOWELS = re.compile(r"[aeiouáéíóúü]+(?:y$)?|y$")
_NUCLEI = re.compile(r"[aeoáéóíú]")
_SCALE = ((40, "muy difícil"), (55, "algo difícil"), (65, "normal"), (80, "bastante fácil"))


def syllables(word: str) -> int:
    """Count the syllables of a Spanish word: strong vowels and accented weak ones each make one of their own."""
    groups = [match[0] for match in _VOWELS.finditer(word.lower())]
    return max(1, sum(max(1, len(_NUCLEI.findall(group))) for group in groups))


def inflesz(text: str) -> float | None:
    """Return the score of a text, one decimal; None when it has fewer than 50 words, too few to say anything."""
    words = _WORD.findall(text)
    if len(words) < 50:
        return None
    sentences = sum(1 for part in _SENTENCE_END.split(text) if _WORD.search(part))
    per_word = sum(map(syllables, words)) / len(words)
    return round(206.835 - 62.3 * per_word - len(words) / sentences, 1)


def level(score: float) -> str:
    """Return the word of the scale for a score."""
    return next((name for limit, name in _SCALE if score < limit), "muy fácil")
