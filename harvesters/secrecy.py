"""What must not get into a description, whatever the source says: numbers of people, accounts, secrets (R28, R29)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from harvesters.errors import clean
from harvesters.redact import HIDDEN, redact
from harvesters.text import plain
from schemas import Problem, Record

_EMSO = re.compile(r"(?<!\d)\d{13}(?!\d)")
_TAX = re.compile(
    r"(?P<before>(?:dav[cč]n[aei]\s+(?:[sš]tevilk[aeio]|[sš]t\.?)|\bD[SŠ])\W{0,3}(?:SI)?)(?P<number>\d{8})(?!\d)", re.I
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
_EMAIL = re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+")
_PHONE = re.compile(r"(?<![\w/.\-])(?:\+386|00386|0)[ /\-]?\(?\d{1,2}\)?(?:[ /\-]?\d{2,3}){2,3}(?![\w\-])")

_PEOPLE = frozenset({"contact", "creator", "operator"})
"""Fields that are meant to hold a person's or an office's address."""
_ADDRESSES = frozenset({"url", "access_url", "download_url", "uri"})


def is_emso(digits: str) -> bool:
    """Whether 13 digits are the number of a person: a date and the check digit modulo 11."""
    day, month = int(digits[:2]), int(digits[2:4])
    weights = (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    total = sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False))
    return 1 <= day <= 31 and 1 <= month <= 12 and (11 - total % 11) % 11 == int(digits[12])


def is_tax_number(digits: str) -> bool:
    """Whether 8 digits are a Slovene tax number (check digit modulo 11)."""
    rest = 11 - sum(weight * int(digit) for weight, digit in zip(range(8, 1, -1), digits, strict=False)) % 11
    return {10: 0, 11: -1}.get(rest, rest) == int(digits[7])


def is_iban(text: str) -> bool:
    """Whether a text is an account number (ISO 13616, modulo 97)."""
    bare = text.replace(" ", "")
    return 15 <= len(bare) <= 34 and int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 == 1


def screened(text: str, *, strict: bool = False) -> tuple[str, tuple[str, ...]]:
    """A text without what must not be in it, and the names of what was taken out.

    Args:
        text: any text of a source.
        strict: also without e-mail addresses and telephone numbers (comments of databases, names of columns).
    """
    found: list[str] = []

    def without(name: str, test: Callable[[str], bool]) -> Callable[[re.Match[str]], str]:
        def one(match: re.Match[str]) -> str:
            if not test(match.groupdict().get("number") or match.group()):
                return match.group()
            found.append(name)
            return (match.groupdict().get("before") or "") + HIDDEN

        return one

    if any(char.isdigit() for char in text):
        text = _EMSO.sub(without("EMŠO", is_emso), text)
        text = _TAX.sub(without("davčna številka", is_tax_number), text)
        text = _IBAN.sub(without("IBAN", is_iban), text)
    if strict:
        text = _EMAIL.sub(without("e-pošta", lambda _: True), text)
        text = _PHONE.sub(without("telefon", lambda _: True), text)
    if (bare := redact(text)) != text:
        found.append("geslo ali ključ")
        text = bare
    return text, tuple(found)


def screen(record: Record) -> tuple[Record, list[Problem]]:
    """A record whose texts carry neither markup nor what must not be in a description.

    Returns:
        The record, and what was taken out of it; never with the text itself.
    """
    problems: list[Problem] = []
    dataset = {name: _walk(value, name, problems) for name, value in record.dataset.items()}
    internal = {name: _walk(value, f"internal.{name}", problems) for name, value in record.internal.items()}
    columns = _walk(record.columns, "columns", problems)
    if not problems and dataset == record.dataset:
        return record, problems
    return replace(record, dataset=dataset, internal=internal, columns=columns), problems


def _walk(value: Any, path: str, problems: list[Problem]) -> Any:
    if isinstance(value, str):
        return _text(value, path, problems)
    if isinstance(value, dict):
        return {key: _walk(item, f"{path}.{key}", problems) for key, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, f"{path}[{index}]", problems) for index, item in enumerate(value)]
    return value


def _text(value: str, path: str, problems: list[Problem]) -> str:
    if path.partition("[")[0] in _PEOPLE or len(value) < 8:
        return value
    bare, had_html = value, False
    if "<" in value and path.rpartition(".")[2] not in _ADDRESSES:
        bare, had_html = plain(value)
    if had_html:
        problems.append(Problem(path, "html", "warning", {"value": clean(screened(value)[0])[:200]}))
    bare, found = screened(bare)
    problems += [Problem.of(path, "personal-data-removed", what=name) for name in dict.fromkeys(found)]
    return bare


def screened_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Problems that quote the source, without what must not be quoted."""
    return [
        replace(
            item,
            params={key: screened(value)[0] if isinstance(value, str) else value for key, value in item.params.items()},
        )
        for item in problems
    ]
