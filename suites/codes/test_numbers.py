"""What is shown of phone numbers, to whom a code goes, and what users without a number look like: OTP-09 to OTP-11."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from harness.arrangement import TestUser
from harness.check import HIGH, LOW, MEDIUM, MUST, OWN, RFC, SHOULD, TRIGGERS, cases, check
from harness.findings import Finding
from harness.trigger_flows import must_sign_in

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from typing import NoReturn

    from harness.sign_in import Outcome
    from harness.trigger_flows import CodeFlow

MOST_SHOWN = 4
NOBODIES = 6
FEWEST_DIGITS = 2 * NOBODIES
"""Of all their masks together: a rule fits so many by chance once in 10**12 runs, and some 80 rules are tried."""

PLACES = 24
"""Where in a number made of a name the digits may begin that are shown."""

USERS = 3
"""A text of 13 random digits, a time for instance, holds five of a number's in a row by chance once in 1,600: of each
of three users once in 4 thousand million."""

_MASK = re.compile(r"[\s()./*•·…xX#_+\d-]+")
_HIDES = re.compile(r"[*•·…xX#]|\.\.|__|--")
_COUNTRY = re.compile(r"^\+\d{1,3}(?=\D*[*•·…xX#._-])")
"""What says only the country: digits before the first that is hidden."""


@check(
    "OTP-09",
    level=SHOULD,
    severity=MEDIUM,
    clause="GDPR article 5(1)(c) (data minimisation); ASVS 5.0 14.2.6",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "sms", "no-delivery"},
    killed_by={
        "triggers.codes.phone-unmasked": "digits of the number",
        "triggers.codes.mask-by-length": "digits of the number",
    },
)
@cases("form", {"long": "+1555{:07}", "short": "+290{:05}"})
def test_four_digits_of_a_number_are_shown_at_most(
    codes: CodeFlow, randomness: random.Random, needing: Callable[[str], NoReturn], form: str
) -> None:
    """Of a phone number, long or short, the challenge shows four digits at most.

    Whoever types a user name is shown the challenge. Four digits tell the owner which phone to look at, and more tell
    others which number to call. Hide all but the last two or four of every number, however short.
    """
    if codes.spoken.by_mail:
        needing("sms")
    digits = 7 if "07" in form else 5
    telling: set[str] = set()
    for user in range(USERS):
        number = form.format(randomness.randrange(10**digits))
        asked = codes.request(codes.new_user(phone_number=number))
        most = {name: most_digits_shown(text, number) for name, text in shown(asked.outcome).items()}
        telling = {name for name in most if most[name] > MOST_SHOWN and (not user or name in telling)}
        if not telling:
            break
    for name in sorted(telling):
        raise Finding(f"{name} of the challenge shows {most[name]} digits of the number, which has {len(number) - 1}")
    must_sign_in(codes.sign_in(), "a code")


def most_digits_shown(text: str, number: str) -> int:
    """Digits of the number in a text: of a mask all but the country's, in any other text the longest run."""
    if _MASK.fullmatch(text) and _HIDES.search(text):
        return sum(character.isdigit() for character in _COUNTRY.sub("", text))
    digits = number.lstrip("+")
    return next(
        (
            length
            for length in range(len(digits), 0, -1)
            if any(digits[start : start + length] in text for start in range(len(digits) - length + 1))
        ),
        0,
    )


def shown(outcome: Outcome) -> dict[str, str]:
    """The challenge's parameters, but for the name of its user."""
    return {name: str(text) for name, text in outcome.parameters.items() if name != "USERNAME"}


@check(
    "OTP-10",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 6.3.8",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes"},
    killed_by={"triggers.codes.mask-from-the-name": "can be computed from the name"},
)
def test_the_mask_of_nobody_cannot_be_computed(codes: CodeFlow) -> None:
    """What the challenge shows as the number of an unknown user does not follow from the name that was typed.

    Triggers make up a number so that unknown users look like known ones. One that is a sum or a plain hash of the name
    can be computed by anybody: where it differs, the user exists. Make it of an HMAC under a secret key. And make it
    the same each time, for a real number does not change.
    """
    user = codes.new_user()
    token = codes.access_token(user)
    once, twice, other = (
        shown(codes.request(each, access_token=token).outcome) for each in (user, user, codes.new_user())
    )
    masks = [
        name for name in once if once[name] == twice.get(name) and ending(once[name]) != ending(other.get(name, ""))
    ]
    seen = []
    for _ in range(NOBODIES):
        nobody = TestUser(codes.pool.names.username()[::-1], "")  # names that begin alike could be masked alike
        seen.append((nobody, shown(codes.request(nobody, access_token=token).outcome)))
    again = shown(codes.request(seen[0][0], access_token=token).outcome)
    for name in masks:
        endings = [(user.username, ending(parameters.get(name, ""))) for user, parameters in seen]
        if sum(len(digits) for _, digits in endings) < FEWEST_DIGITS or not all(digits for _, digits in endings):
            continue
        if len({digits for _, digits in endings}) == 1:
            raise Finding(f"{name} of the challenge ends in the same digits for every unknown user")
        if ending(again.get(name, "")) != endings[0][1]:
            raise Finding(f"{name} of the challenge is another one each time for an unknown user")
        rules = [rules_of(username, len(digits)) for username, digits in endings]
        for rule in rules[0]:
            if all(each.get(rule) == digits for each, (_, digits) in zip(rules, endings, strict=True)):
                raise Finding(f"{name} of the challenge for an unknown user can be computed from the name: {rule}")
    must_sign_in(codes.sign_in(), "a known user")


def ending(text: str) -> str:
    """The last digits in a text."""
    found = re.search(r"(\d+)\D*$", text)
    return found[1] if found else ""


def rules_of(name: str, digits: int) -> Mapping[str, str]:
    """So many digits as anybody could make them of a name, by the rule that makes them."""
    found = {}
    for rule, number in _numbers_of(name):
        written = str(number)
        found[f"the last digits of {rule}"] = written.zfill(digits)[-digits:]
        found[f"the first digits of {rule}"] = written.zfill(digits)[:digits]
    in_a_row = "".join(str(octet) for octet in name.encode())
    for place in range(PLACES):
        found[f"digits of its bytes in a row, from digit {place + 1}"] = in_a_row[place : place + digits]
    return found


def _numbers_of(name: str) -> Iterator[tuple[str, int]]:
    octets = name.encode()
    yield "the sum of its bytes", sum(octets)
    yield "its length", len(octets)
    yield "its first byte", octets[0]
    yield "its last byte", octets[-1]
    yield "its bytes in a row", int("".join(str(octet) for octet in octets))
    yield "its bytes in a row, backwards", int("".join(str(octet) for octet in reversed(octets)))
    yield "its bytes as a number", int.from_bytes(octets, "big")
    yield "its digits", int("".join(character for character in name if character.isdigit()) or "0")
    yield "its CRC-32", zlib.crc32(octets)
    yield "its Adler-32", zlib.adler32(octets)
    exclusive, product, java, djb2, fnv = 0, 1, 0, 5381, 0x811C9DC5
    for octet in octets:
        exclusive, product = exclusive ^ octet, product * octet
        java, djb2 = (java * 31 + octet) % 2**32, (djb2 * 33 + octet) % 2**32
        fnv = ((fnv ^ octet) * 0x01000193) % 2**32
    yield "the exclusive or of its bytes", exclusive
    yield "the product of its bytes", product
    yield "its hash by 31", java
    yield "its hash by 31, signed", abs(java - 2**32 if java >= 2**31 else java)
    yield "its hash by 33", djb2
    yield "its FNV-1a hash", fnv
    for algorithm in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(algorithm, octets, usedforsecurity=False)
        yield f"its {algorithm} as a number", int(digest.hexdigest(), 16)
        yield f"the digits in its {algorithm}", int("".join(filter(str.isdigit, digest.hexdigest())) or "0")
        yield f"the first four bytes of its {algorithm}", int.from_bytes(digest.digest()[:4], "big")
        yield f"the first four bytes of its {algorithm}, turned round", int.from_bytes(digest.digest()[:4], "little")
        yield f"the last four bytes of its {algorithm}", int.from_bytes(digest.digest()[-4:], "big")
        yield f"the sum of the bytes of its {algorithm}", sum(digest.digest())


@check(
    "OTP-10b",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 6.3.8",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes"},
    killed_by={
        "triggers.codes.tells-users-without-a-number": "a user without a number is challenged otherwise",
        "triggers.codes.no-mask-without-a-number": "is challenged otherwise",
    },
)
def test_who_has_a_number_cannot_be_told(codes: CodeFlow) -> None:
    """A user with a number, one without and an unknown one are challenged in the same form.

    An error or an empty text for those without a number tells which names exist, and whose accounts want a second
    factor. Challenge everybody alike, and send nothing where there is no number.
    """
    users = [codes.new_user() for _ in range(2)]
    token = codes.access_token(users[0])
    usual, other = (form_of(codes.request(user, access_token=token).outcome) for user in users)
    without = codes.new_user(**{"email" if codes.spoken.by_mail else "phone_number": ""})
    kinds = {"a user without a number": without, "an unknown user": TestUser(codes.pool.names.username(), "")}
    for kind, user in kinds.items():
        asked = codes.request(user, access_token=token)
        if asked.was_sent:
            raise Finding(f"a message went out for {kind}")
        form = form_of(asked.outcome)
        if odd := told_apart(form, usual, other):
            raise Finding(f"{kind} is challenged otherwise: {', '.join(odd)}")
    must_sign_in(codes.sign_in(), "a user with a number")


def told_apart(form: Mapping[str, str], usual: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """The parameters that only one of them has, or has empty; or that look alike for both usual ones and not here."""
    odd = {name for name in form.keys() | usual.keys() if bool(form.get(name)) != bool(usual.get(name))}
    alike = {name for name, text in usual.items() if other.get(name) == text}
    return sorted(odd | (form.keys() ^ usual.keys()) | {name for name in alike if form.get(name) != usual[name]})


def form_of(outcome: Outcome) -> dict[str, str]:
    """The challenge's parameters, digits and signs of hiding each drawn together; or the error, as the only one."""
    if outcome.challenge_name is None:
        return {outcome.answer.described(): "refused"}
    return {name: re.sub(r"[*•·…xX#]+", "*", re.sub(r"\d+", "9", text)) for name, text in shown(outcome).items()}


@check(
    "OTP-11",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 6.6.1",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes"},
    killed_by={"triggers.codes.texts-unverified-numbers": "an unverified"},
)
def test_codes_go_to_verified_numbers_only(codes: CodeFlow) -> None:
    """No code goes to a number, or address, that the user has not been shown to have.

    A user may write any number into their profile: a slip of a finger sends their codes to a stranger, and somebody
    who got hold of the password puts in their own. Look at phone_number_verified first.
    """
    attribute = "email" if codes.spoken.by_mail else "phone_number"
    user = codes.new_user()
    unverified = [{"Name": f"{attribute}_verified", "Value": "false"}]
    codes.pool.administer("AdminUpdateUserAttributes", user.username, UserAttributes=unverified)
    asked = codes.request(user)
    if asked.was_sent:
        raise Finding(f"a code was sent to an unverified {attribute}")
    if asked.outcome.has_tokens:
        raise Finding(f"tokens were issued to a user with an unverified {attribute} who only asked for a code")
    codes.pool.administer(
        "AdminUpdateUserAttributes",
        user.username,
        UserAttributes=[{"Name": f"{attribute}_verified", "Value": "true"}],
    )
    if not codes.request(user).was_sent:
        must_sign_in(codes.sign_in(), "a user with a verified number")
