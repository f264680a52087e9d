"""Users keep their own passkeys, and nobody else's: CRED-01 to CRED-12."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MEDIUM, MUST, OWN, SHOULD, TRIGGERS, check
from harness.fido2_flow import NAME
from harness.findings import Finding, Inconclusive
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakes.authenticator.credential import Credential
    from fakes.pool.deliveries import Outbox
    from harness.credential_api import ApiAnswer
    from harness.dialects import ApiCall
    from harness.fido2_court import Fido2Court
    from harness.fido2_flow import Fido2Flow, Holder
    from harness.stage import Tables

NEEDS = {"custom-auth", "fido2", "credential-api"}
_UNKNOWN = base64url.encode(bytes(range(32)))
_NOT_HERE = ("another site", "the opaque origin", "a suffix", "the site without TLS")
_NAMES = {
    "markup": "<script>alert(1)</script>",
    "an image with a handler": "<img src=x onerror=alert(1)>",
    "10 kB": "k" * 10_240,
    "control characters": "Bob\u0000\u001b[2J\r\nkey",
    "nothing": "",
}


@check(
    "CRED-01",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 8.2.2",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.lists-every-rp-id": "another RP ID"},
)
def test_users_list_their_own_credentials(fido2: Fido2Flow) -> None:
    """A user is shown their own passkeys of the RP ID they ask for, and no others.

    Look them up by the sub in the verified token, and by nothing that the request says.
    """
    alice, bob = fido2.new_holder(), fido2.new_holder()
    hers, his = _id(fido2.register(alice)), _id(fido2.register(bob))
    listed = [each.id for each in fido2.listed(alice)]
    if hers not in listed:
        raise Inconclusive("a user's own credential is not listed")
    if his in listed:
        raise Finding("a user is shown another user's credential")
    if fido2.try_start(alice, OTHER_RP_ID).succeeded:
        elsewhere = _id(fido2.register(alice, rp_id=OTHER_RP_ID, origin=OTHER_ORIGIN))
        if elsewhere in [each.id for each in fido2.listed(alice)]:
            raise Finding("the list of one RP ID holds a credential of another RP ID")


OTHER_RP_ID, OTHER_ORIGIN = "accounts.example.com", "https://accounts.example.com"


@check(
    "CRED-02",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 8.2.2",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.finds-credentials-of-anybody": "renamed"},
)
def test_users_rename_their_own_credentials(fido2: Fido2Flow) -> None:
    """Renaming another user's passkey is refused as renaming an unknown one is, and changes nothing.

    Else somebody mislabels another's keys, or learns which ids exist. Put the owner into the key of the row.
    """
    alice, bob = fido2.new_holder(), fido2.new_holder()
    his = _id(fido2.register(bob))
    mine = _id(fido2.register(alice))
    _must_work(fido2.call(fido2.spoken.rename(mine, "New name"), alice), "renaming one's own")
    foreign = fido2.call(fido2.spoken.rename(his, "Mallory's"), alice)
    unknown = fido2.call(fido2.spoken.rename(_UNKNOWN, "Mallory's"), alice)
    if _named(fido2, bob, his) != NAME:
        raise Finding("a user renamed another user's credential")
    if _named(fido2, alice, mine) != "New name":
        raise Inconclusive("renaming one's own credential changed nothing")
    if foreign.succeeded or (foreign.status, foreign.body) != (unknown.status, unknown.body):
        raise Finding(
            f"renaming another's credential is answered {foreign.described()}, an unknown one {unknown.described()}"
        )


@check(
    "CRED-03",
    level=MUST,
    severity=CRITICAL,
    clause="ASVS 5.0 8.2.2",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.finds-credentials-of-anybody": "removed another"},
)
def test_users_remove_their_own_credentials(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """Removing another user's passkey changes nothing: it is listed, and signs in.

    Else anybody who knows an id locks its owner out. Put the owner into the key of the row.
    """
    bob = fido2_court.registered()
    alice = fido2.new_holder()
    mine, his = _id(fido2.register(alice)), _id(bob.credential)
    fido2.call(fido2.spoken.delete(his), alice)
    if his not in [each.id for each in fido2.listed(bob.holder)]:
        raise Finding("a user removed another user's credential")
    fido2_court.twin_must_sign_in(bob)
    _must_work(fido2.call(fido2.spoken.delete(mine), alice), "removing one's own")
    if mine in [each.id for each in fido2.listed(alice)]:
        raise Finding("a credential that was removed is listed")


@check(
    "CRED-04",
    level=SHOULD,
    severity=LOW,
    clause="RFC 9110 section 9.2.2; ASVS 5.0 8.2.2",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.tells-foreign-credentials": "answered status 403"},
)
def test_foreign_and_unknown_credentials_are_removed_alike(fido2: Fido2Flow) -> None:
    """Removing another user's passkey is answered as removing an unknown one is.

    A difference tells which ids exist. Look only among the user's own.
    """
    alice, bob = fido2.new_holder(), fido2.new_holder()
    his, mine = _id(fido2.register(bob)), _id(fido2.register(alice))
    unknown = fido2.call(fido2.spoken.delete(_UNKNOWN), alice)
    foreign = fido2.call(fido2.spoken.delete(his), alice)
    _must_work(fido2.call(fido2.spoken.delete(mine), alice), "removing one's own")
    if (foreign.status, foreign.body) != (unknown.status, unknown.body):
        raise Finding(
            f"removing another's credential is answered {foreign.described()}, an unknown one {unknown.described()}"
        )


@check(
    "CRED-05",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 9.2.2",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.takes-access-tokens": "an access token"},
)
def test_the_api_wants_an_id_token(fido2: Fido2Flow) -> None:
    """Every call of the API needs the claims of an ID token: neither those of an access token nor none will do.

    An access token is handed to services that should not be able to add a passkey. Demand token_use = id, also behind
    an authorizer.
    """
    holder = fido2.new_holder()
    id = _id(fido2.register(holder))
    access = {
        name: value
        for name, value in holder.claims.items()
        if name not in ("cognito:username", "email", "email_verified")
    }
    access |= {"token_use": "access", "username": holder.claims["cognito:username"], "scope": "openid"}
    callers: dict[str, Mapping[str, str]] = {
        "an access token": access,
        "no claims": {},
    }
    if fido2.makes_events:
        callers["claims without token_use"] = {
            name: value for name, value in holder.claims.items() if name != "token_use"
        }
    for what, claims in callers.items():
        for asked, call in _calls(fido2, id).items():
            answer = fido2.call(call, holder, claims)
            if answer.succeeded:
                raise Finding(f"the API {asked} with {what}")
            if not answer.is_clean_refusal:
                raise Finding(f"no clean refusal when the API is asked with {what}: {answer.described()}")
    if id not in [each.id for each in fido2.listed(holder)]:
        raise Inconclusive("the credential is not listed")


def _calls(fido2: Fido2Flow, id: str) -> dict[str, ApiCall]:
    spoken = fido2.spoken
    return {
        "began a registration": spoken.start(fido2.relying_party.id),
        "listed credentials": spoken.list(fido2.relying_party.id),
        "renamed a credential": spoken.rename(id, "Another"),
        "removed a credential": spoken.delete(id),
    }


@check(
    "CRED-06",
    level=MUST,
    severity=HIGH,
    clause="CWE-74; ASVS 5.0 2.2.1",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS | {"store"},
    killed_by={"triggers.passkeys.ids-are-sort-keys": "changed what is stored"},
)
def test_ids_address_nothing_but_credentials(fido2: Fido2Flow, store: Tables) -> None:
    """A credential id that reads like another row's key renames and removes nothing.

    Rows of several kinds share a table, told apart by text in their keys. Decode the id before it becomes a key, or
    hash it.
    """
    holder = fido2.new_holder()
    id = _id(fido2.register(holder))
    fido2.start(holder)
    before = _rows(store)
    keys = {str(value) for rows in before.values() for row in rows for value in row.values() if isinstance(value, str)}
    odd = [f"{id}\n", f"../{id}", f"{id}#", "", "#", *sorted(key for key in keys if "#" in key or key.isupper())[:40]]
    for each in odd:
        fido2.call(fido2.spoken.delete(each), holder)
        fido2.call(fido2.spoken.delete(f"../{each}"), holder)
        fido2.call(fido2.spoken.rename(each, "Another"), holder)
    if _rows(store) != before:
        raise Finding("a credential id that is none changed what is stored")
    _must_work(fido2.call(fido2.spoken.delete(id), holder), "removing one's own")


def _rows(store: Tables) -> dict[str, list[dict[str, object]]]:
    return {name: sorted(store.scan(name), key=repr) for name in store.names}


@check(
    "CRED-07",
    level=SHOULD,
    severity=HIGH,
    clause="ASVS 5.0 6.5.6, 7.4.3",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.removed-credentials-stay": "that was removed"},
)
def test_a_removed_credential_signs_in_no_more(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """Once its owner has removed it, a passkey signs in no more, not even where the sign-in had begun before.

    It was removed because somebody else may have it. Look it up when the answer comes, not when the options go.
    """
    registered = fido2_court.registered()
    kept = fido2.register(registered.holder)
    fido2_court.twin_must_sign_in(registered)
    asked = fido2.ask(registered.holder)
    _must_work(fido2.call(fido2.spoken.delete(_id(registered.credential)), registered.holder), "removing one's own")
    said = fido2.spoken.answer(fido2.response(asked.options, registered.credential)).answer
    if fido2_court.answer(registered, asked, said).accepted:
        raise Finding("a credential that was removed during the sign-in signed in")
    if fido2_court.authenticate(registered).accepted:
        raise Finding("a credential that was removed signed in")
    fido2_court.twin_must_sign_in(replace(registered, credential=kept))


@check(
    "CRED-08",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 5.0 6.3.7",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS | {"mailbox"},
    killed_by={"triggers.passkeys.tells-nobody": "no mail"},
)
def test_users_are_told(fido2: Fido2Flow, mailbox: Outbox) -> None:
    """A user gets a mail when a passkey is added to their account, and when one is removed.

    Who has taken over a session adds a key of their own first. Tell the owner, at an address that was verified before.
    """
    holder = fido2.new_holder()
    address = holder.user.email or ""
    id = _id(fido2.register(holder))
    after_adding = len(mailbox.to(address))
    _must_work(fido2.call(fido2.spoken.delete(id), holder), "removing one's own")
    after_removing = len(mailbox.to(address))
    if not after_adding:
        raise Finding("no mail says that a passkey was added")
    if after_removing == after_adding:
        raise Finding("no mail says that a passkey was removed")


@check(
    "CRED-09",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 5.0 1.2.1, 2.2.1",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.any-friendly-name": "markup"},
)
def test_names_are_short_plain_text(fido2: Fido2Flow) -> None:
    """What a user calls a passkey is short and plain: markup, control characters and 10 kB are not kept.

    The name is shown in lists, in mails, and to whoever helps the user. Refuse what is no name, and escape it
    wherever it is shown all the same.
    """
    holder = fido2.new_holder()
    id = _id(fido2.register(holder))
    if _named(fido2, holder, id) != NAME:
        raise Finding(f"a passkey called {NAME!r} is listed by another name")
    kept = []
    for what, name in _NAMES.items():
        fido2.call(fido2.spoken.rename(id, name), holder)
        if _named(fido2, holder, id) == name:
            kept.append(what)
    _must_work(fido2.call(fido2.spoken.rename(id, "Blue key"), holder), "renaming one's own")
    if kept:
        raise Finding(f"a passkey may be called: {', '.join(kept)}")


@check(
    "CRED-11",
    level=MUST,
    severity=MEDIUM,
    clause="ASVS 5.0 3.4.2; Fetch standard (CORS protocol)",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.every-origin-may-read": "https://evil.example"},
)
def test_other_sites_may_not_read_answers(fido2: Fido2Flow) -> None:
    """Answers may be read by the service's own pages only.

    Access-Control-Allow-Origin that repeats what comes, or is `*` beside credentials, lets any page act for the user
    who visits it. Answer with an origin of the list, or none.
    """
    holder, listing = fido2.new_holder(), fido2.spoken.list(fido2.relying_party.id)
    fido2.register(holder)
    _must_work(fido2.call(listing, holder), "listing")
    others = fido2.relying_party.origins_of_others()
    for origin in (others[what] for what in _NOT_HERE):
        answer = fido2.call(listing, holder, headers={"Origin": origin})
        allowed = answer.header("Access-Control-Allow-Origin")
        with_credentials = (answer.header("Access-Control-Allow-Credentials") or "").lower() == "true"
        if allowed == origin or (allowed == "*" and with_credentials):
            raise Finding(f"a page at {origin} may read the user's credentials")


@check(
    "CRED-12",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 14.3.2; RFC 9111 section 5.2.2.5",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.answers-may-be-cached": "Cache-Control"},
)
def test_answers_are_not_cached(fido2: Fido2Flow) -> None:
    """Challenges and lists say Cache-Control: no-store.

    A cache that answers with an old challenge breaks the ceremony, and one that keeps a list shows it to the next
    user.
    """
    holder = fido2.new_holder()
    rp_id = fido2.relying_party.id
    calls = {"creation options": fido2.spoken.start(rp_id), "the list": fido2.spoken.list(rp_id)}
    for what, call in calls.items():
        answer = fido2.call(call, holder)
        _must_work(answer, what)
        if "no-store" not in (answer.header("Cache-Control") or ""):
            raise Finding(f"{what}: Cache-Control is {answer.header('Cache-Control')!r}, not no-store")


def _id(credential: Credential) -> str:
    return base64url.encode(credential.id)


def _named(fido2: Fido2Flow, holder: Holder, id: str) -> str | None:
    return next((each.name for each in fido2.listed(holder) if each.id == id), None)


def _must_work(answer: ApiAnswer, what: str) -> None:
    if not answer.succeeded:
        raise Inconclusive(f"{what} was refused: {answer.described()}")
