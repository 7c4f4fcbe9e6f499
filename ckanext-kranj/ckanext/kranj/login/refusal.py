"""Why a login with the provider came to nothing, in words for whoever stands before the page."""

from __future__ import annotations

SENTENCES = {
    "down": (
        "Ponudnik prijave se ne odziva. Poskusite čez nekaj minut ali se prijavite z geslom.",
        "The login provider does not answer. Try again in a few minutes, or log in with your password.",
    ),
    "declined": (
        "Ponudnik prijave vas ni prijavil. Poskusite znova in prijavo pri njem potrdite.",
        "The login provider did not log you in. Try again and confirm the login there.",
    ),
    "nonsense": (
        "Odgovora ponudnika prijave ni bilo mogoče preveriti, zato niste prijavljeni. Obvestite skrbnika portala.",
        "The answer of the login provider could not be verified, so you are not logged in. Tell the administrator.",
    ),
    "strange-state": (
        "Prijava se ni začela v tem oknu ali je potekla. Začnite jo znova.",
        "This login was not started in this window, or it expired. Start it again.",
    ),
    "closed": (
        "Vaš račun v katalogu je zaprt. Obrnite se na podatkovno pisarno.",
        "Your account in the catalogue is closed. Turn to the data office.",
    ),
    "no-account": (
        "V katalogu še nimate računa. Podatkovno pisarno prosite za povabilo na naslov, ki ga pozna ponudnik prijave.",
        "You have no account in the catalogue yet. Ask the data office to invite the address that the provider knows.",
    ),
    "email-taken": (
        "Račun s tem e-naslovom že obstaja. Prijavite se z geslom in prijavo povežite na strani svojega računa.",
        "An account with this e-mail exists already. Log in with its password and connect it on your account page.",
    ),
    "linked-elsewhere": (
        "Ta prijava je že povezana z drugim računom. Odjavite se in se prijavite z njo.",
        "This login is connected to another account already. Log out and log in with it.",
    ),
}
"""Code -> Slovene and English: what happened and what to do."""


class Refused(Exception):  # noqa: N818 named by its consequence
    """A login came to nothing; ``code`` is a key of SENTENCES, ``detail`` is for the log and holds no secret."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code

    def sentence(self, language: str) -> str:
        """The sentence in ``sl`` or ``en``."""
        return SENTENCES[self.code][language == "en"]
