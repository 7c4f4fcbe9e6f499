"""Login with an OpenID provider in a real browser: the whole way there and back, in both languages, under our CSP."""

import pytest

from ckan import model

WORDS = {
    "": ("Prijava s SI-PASS", "Ponudnik prijave vas ni prijavil"),
    "/en": ("Log in with SI-PASS", "The login provider did not log you in"),
}


@pytest.mark.parametrize("lang", WORDS)
def test_there_and_back_and_out_again(visit, openid, axe, lang):
    openid.people["ana"] = {"name": "Ana Kovač", "email": "ana.kovac@kranj.si", "email_verified": True}
    visitor = visit()
    complaints = []
    visitor.page.on(
        "console",
        lambda said: (
            complaints.append(said.text) if said.type == "error" and visitor.base in str(said.location) else None
        ),
    )
    page = visitor.open(f"{lang}/user/login")
    button, refusal = WORDS[lang]
    assert axe(page) == []

    page.get_by_role("link", name=button).click()
    page.get_by_role("button", name="none").click()
    page.get_by_text(refusal).wait_for()
    assert page.url == f"{visitor.base}{lang}/user/login"

    page.get_by_role("link", name=button).click()
    page.get_by_role("button", name="ana").click()
    page.wait_for_url(f"{visitor.base}{lang}/dashboard/datasets")
    assert "Ana Kovač" in page.inner_text("header, .account-masthead, body")
    assert model.Session.query(model.User).filter_by(email="ana.kovac@kranj.si").count() == 1

    page.goto(f"{visitor.base}{lang}/user/_logout")
    assert page.url.startswith(f"{visitor.base}/user/logged_out_redirect")
    assert "/logout" in openid.asked
    page.goto(f"{visitor.base}/dashboard/datasets")
    assert "/user/login" in page.url
    assert complaints == []
