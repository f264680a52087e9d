"""A dialect is loaded from a user's own file, and what is wrong with one is said in words that mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.dialects import DialectError, load_dialect
from harness.dialects.passwordless import PasswordlessLinks

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """
from harness.dialects import Codes, Dialect, Links, Say


class OurLinks(Links):
    method = "link"

    def ask(self, redirect_uri):
        return ()

    def secret_in(self, url):
        return url.partition("?token=")[2] or None

    def redeem(self, secret, redirect_uri, *, elsewhere):
        return Say(secret)


class Ours(Dialect):
    name = "ours"
    links = OurLinks()


class Mute(Dialect):
    pass


class Crossed(Dialect):
    codes = OurLinks()


class Nameless(Dialect):
    class links(OurLinks):
        pass


class HalfLinks(Links):
    method = "half"


class Half(Dialect):
    def __init__(self):
        self.links = HalfLinks()


class Stranger:
    pass


nothing = 3
"""


def test_a_users_own_dialect_is_loaded_from_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "ours.py").write_text(WHOLE, encoding="utf-8")
    dialect = load_dialect("ours.py:Ours", tmp_path)
    assert dialect.name == "ours"
    assert dialect.links is not None
    assert dialect.links.secret_in("https://app.example.com/?token=abc") == "abc"
    assert dialect.links.come_back("https://app.example.com/") is None
    assert dialect.needs_met == {"magic-links"}


def test_the_dialect_that_ships_speaks_links_passkeys_and_codes_that_step_up() -> None:
    assert {"magic-links", "codes", "step-up", "several-methods", "fido2"} <= load_dialect("passwordless").needs_met


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("nonsense", "is no dialect; give"),
        ("ours.py", "is no dialect; give"),
        ("ours.txt:Ours", "is no dialect; give"),
        ("ours.py:not a name", "is no dialect; give"),
        ("theirs.py:Ours", "there is no file"),
        ("ours.py:Missing", "has no class Missing"),
        ("ours.py:nothing", "has no class nothing"),
        ("ours.py:Stranger", "make it a subclass of harness.dialects.Dialect"),
        ("ours.py:Mute", "give it links, codes, passkeys or several"),
        ("ours.py:Crossed", "codes must be an instance of a subclass of harness.dialects.Codes"),
        ("ours.py:Nameless", "links must be an instance"),
        ("ours.py:Half", "failed: TypeError"),
        ("broken.py:Ours", "cannot be loaded: SyntaxError"),
        ("raising.py:Ours", "cannot be loaded: ZeroDivisionError: division by zero (line 2)"),
    ],
)
def test_what_is_wrong_with_a_dialect_is_said(tmp_path: Path, named: str, said: str) -> None:
    (tmp_path / "ours.py").write_text(WHOLE, encoding="utf-8")
    (tmp_path / "broken.py").write_text("class Ours(:\n", encoding="utf-8")
    (tmp_path / "raising.py").write_text("\n1 / 0\n", encoding="utf-8")
    with pytest.raises(DialectError, match=r"^triggers\.dialect: ") as refused:
        load_dialect(named, tmp_path)
    assert said in str(refused.value)


@pytest.mark.parametrize("secret", ["", ".", "a.", ".b", "YQ.YQ.YQ", "YQ", "Y Q.YQ", "%%.YQ"])
def test_what_is_no_pair_in_base64url_is_no_link_of_passwordless(secret: str) -> None:
    links = PasswordlessLinks()
    assert links.opened(secret) is None
    assert links.secret_in(f"https://app.example.com/#{secret}") is None


def test_a_link_of_passwordless_is_opened_and_closed_again() -> None:
    links = PasswordlessLinks()
    secret = links.closed(b'{"userName": "marta"}', bytes(range(256)))
    assert links.opened(secret) == (b'{"userName": "marta"}', bytes(range(256)))
    assert links.secret_in(f"https://app.example.com/sign-in?a=b#{secret}") == secret
    assert links.username_in(f"https://app.example.com/sign-in#{secret}") == "marta"
