"""Personal data and secrets in texts that a system holds about its data: comments, names, labels (risks R28, R29).

A text that holds any is blanked as a whole: half a comment says too little to be worth the risk.
"""

from __future__ import annotations

import re

from harvesters.redact import looks_secret

_WEIGHTS = (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_NUMBER = re.compile(r"(?<!\d)\d{13}(?!\d)")
_TAX = re.compile(r"(?<!\d)(?:SI\s?)?(\d{8})(?!\d)", re.IGNORECASE)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,4})?\b")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"(?<![\d.])(?:\+386|00386|0)[\s/-]?\(?[1-7]\d?\)?[\s/-]?\d{2,3}[\s-]?\d{2,3}[\s-]?\d{0,3}(?![\d.])"
)
_SPOKEN = re.compile(r"(?:geslo|password|pwd|token|klju[cč]|key|skrivnost|secret)\s+(?:je|is)\b\s*\S+", re.IGNORECASE)
_KEYS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[A-Z0-9]{16}\b|\b(?:ghp|gho|sk|xox[bp])[_-][A-Za-z0-9_-]{16,}")


def is_emso(digits: str) -> bool:
    """Whether 13 digits are a personal number (EMŠO): a day and a month, and the check digit modulo 11."""
    if not (1 <= int(digits[:2]) <= 31 and 1 <= int(digits[2:4]) <= 12):
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 11
    return (0 if rest == 0 else 11 - rest) == int(digits[12])


def is_tax_number(digits: str) -> bool:
    """Whether 8 digits are a Slovene tax number: the check digit modulo 11."""
    if digits[0] == "0":
        return False
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(8, 1, -1), strict=False)) % 11
    return (0 if rest in {10, 11} else rest) == int(digits[7])


def is_iban(text: str) -> bool:
    """Whether a text is a bank account number: ISO 13616, modulo 97."""
    plain = text.replace(" ", "").upper()
    if not 15 <= len(plain) <= 34:
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def found_in(text: str) -> list[str]:
    """What a text holds that must not go on: ``emso``, ``tax-number``, ``iban``, ``e-mail``, ``phone``, ``secret``."""
    found = []
    if looks_secret(text) or _SPOKEN.search(text) or _KEYS.search(text):
        found.append("secret")
    if any(is_emso(match.group()) for match in _NUMBER.finditer(text)):
        found.append("emso")
    if any(is_tax_number(match.group(1)) for match in _TAX.finditer(text)):
        found.append("tax-number")
    if any(is_iban(match.group()) for match in _IBAN.finditer(text)):
        found.append("iban")
    if _EMAIL.search(text):
        found.append("e-mail")
    if _PHONE.search(text):
        found.append("phone")
    return found
