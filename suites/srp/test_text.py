"""User names and passwords are text in UTF-8, neither trimmed nor folded: SRP-21."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.check import HIGH, MUST, POOL, RFC, cases, check

if TYPE_CHECKING:
    from harness.arrangement import UserPool
    from harness.fixtures import Observe
    from harness.sign_in import HonestTwin

PASSWORDS = {
    "accents": "Aa1!pässwörd-é",
    "cyrillic": "Aa1!пароль-слово",
    "cjk": "Aa1!密码口令测试",
    "emoji": "Aa1!🔑🚪-ok",
    "space inside": "Aa1! with spaces in it",
    "256 characters": "Aa1!" + "x" * 252,
    "256 characters of three bytes": "Aa1!" + "密" * 252,
    "quotes and backslash": "Aa1!\"'\\/<>&",
}

USERNAMES = {
    "accents": "jösé-müller",
    "cyrillic": "пользователь",
    "cjk": "用户名称",
    "128 characters": "u" * 128,
}


@check(
    "SRP-21",
    level=MUST,
    severity=HIGH,
    clause="Cognito SRP profile: UTF-8, no normalisation (RFC 3629)",
    evidence=RFC,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.passwords.latin-1": "did not sign in",
        "pool.passwords.truncated-at-72-bytes": "did not sign in",
        "pool.users.truncated-to-a-byte-a-character": "did not sign in",
        "pool.passwords.normalised": "did not sign in",
    },
)
@cases("text", {f"password, {name}": ("password", value) for name, value in PASSWORDS.items()}
    | {f"username, {name}": ("username", value) for name, value in USERNAMES.items()}
    | {"NFC for NFD": ("normalisation", "Aa1!pa\u0308sswo\u0308rd")})  # fmt: skip
def test_names_and_passwords_are_whole_utf_8(
    sign_in: HonestTwin, pool: UserPool, observe: Observe, text: tuple[str, str]
) -> None:
    """Non-ASCII, long and space-bearing names and passwords sign in, whole and as they were typed.

    A pool that keeps one byte a character, or the first 72, locks people out or lets others in. Hash
    the UTF-8 of what was typed. (Whether NFC is taken for NFD nobody has measured: recorded.)
    """
    kind, value = text
    if kind == "username":
        own = pool.names.username()
        user = pool.new_user(username=f"{value[: 127 - len(own)]}-{own}")
        sign_in.of(user).but().must_yield_tokens(f"the user name {user.username!r}")
        return
    user = pool.new_user()
    set_password = pool.try_password(user.username, value)
    assert set_password.succeeded, f"a password of {len(value)} characters cannot be set: {set_password.described()}"
    twin = sign_in.of(replace(user, password=value))
    if kind == "normalisation":
        outcome = twin.but(password=unicodedata.normalize("NFC", value))
        observe("NFC for NFD", "accepted" if outcome.has_tokens else "refused")
    twin.but().must_yield_tokens("the password")
