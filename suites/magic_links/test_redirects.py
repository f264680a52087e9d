"""Where a link, and everything else in its mail, may lead: ML-17 to ML-20, ML-30."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from harness.check import CRITICAL, HIGH, LOW, MEDIUM, MUST, REPORTED, RFC, SHOULD, TRIGGERS, W3C, cases, check
from harness.custom_auth import CustomChange, must_not_sign_in
from harness.findings import Finding
from harness.redirect_uris import ELSEWHERE, LEADING_ELSEWHERE, OPAQUE, REDIRECTING, WITH_MARKUP, written_for
from harness.trigger_flows import must_sign_in

if TYPE_CHECKING:
    from harness.redirect_uris import Templates
    from harness.trigger_flows import LinkFlow, LinkRequest
    from harness.triggers import TriggersUnderTest


def _leading_away(asked: LinkRequest, triggers: TriggersUnderTest, what: str) -> list[str]:
    """The rule for every mail: whatever in it leads anywhere leads to an allowed origin. What breaks it, in words."""
    must_not_sign_in(asked.outcome, what)
    away = [link for mail in asked.mails for link in mail.leading_away(triggers.link_origins)]
    away.sort(key=lambda link: (ELSEWHERE not in link.origin, not link.where.startswith("href")))  # the clearest first
    return [f"{link.origin} ({link.where})" for link in away]


def _must_lead_home(asked: LinkRequest, triggers: TriggersUnderTest, what: str) -> None:
    if away := _leading_away(asked, triggers, what):
        raise Finding(f"the mail for {what} leads to {', '.join(away)}")


def _must_all_lead_home(links: LinkFlow, triggers: TriggersUnderTest, templates: Templates, what: str) -> None:
    """The rule for each of several redirectUris; each is asked for by another user, whom no throttle protects."""
    asked = {
        name: links.request(links.new_user(), redirect_uri=written_for(template, triggers.redirect_uri))
        for name, template in templates.items()
    }
    breaches = []
    for name, each in asked.items():
        if away := _leading_away(each, triggers, what):
            breaches.append(f"{name}: to {away[0]}")
    links.ask()
    if breaches:
        raise Finding(f"the mail for {what} leads away: {'; '.join(breaches)}")


@check(
    "ML-17",
    level=MUST,
    severity=CRITICAL,
    clause="CVE-2025-27143, CVE-2025-71403, CVE-2024-56734 (callback URLs that passed); RFC 9700 4.1.3",
    evidence=REPORTED,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={
        "triggers.links.redirect-prefix-match": "the mail for a redirectUri",
        "triggers.links.redirect-suffix-match": "the mail for a redirectUri",
        "triggers.links.redirect-host-only": "the mail for a redirectUri",
        "triggers.links.redirect-substring-match": "the mail for a redirectUri",
    },
)
@cases("templates", LEADING_ELSEWHERE)
def test_a_link_leads_to_an_allowed_origin_only(
    links: LinkFlow, triggers: TriggersUnderTest, templates: Templates
) -> None:
    """A redirectUri outside the allowed origins is refused, or a page of the team's own takes its place.

    The link signs in whoever has it, and its page reads it. Who asks in a victim's name with an address of their
    own gets the link at the victim's click. Parse the address as browsers do (WHATWG URL) and compare the whole
    origin, scheme, host and port, with a list; prefixes, suffixes and patterns are passed in many ways.
    """
    _must_all_lead_home(links, triggers, templates, "a redirectUri of another origin")


@check(
    "ML-17b",
    level=SHOULD,
    severity=LOW,
    clause="WHATWG URL, origin of a blob: URL (that of the address within)",
    evidence=W3C,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.redirect-substring-match": "the mail for a redirectUri"},
)
def test_a_link_leads_to_a_page(links: LinkFlow, triggers: TriggersUnderTest) -> None:
    """A redirectUri with the scheme blob: is refused, though its origin is that of the address within it.

    Such an address opens nothing from a mail: the user's link is lost. Compare the scheme too, not only `URL.origin`.
    """
    _must_all_lead_home(links, triggers, OPAQUE, "a redirectUri that is no page's")


@check(
    "ML-18",
    level=MUST,
    severity=CRITICAL,
    clause="CVE-2022-31127 (HTML in the sign-in mail); ASVS 5.0 1.2.1, 1.2.2 (output encoding)",
    evidence=REPORTED,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.raw-redirect-uri": "the mail for a redirectUri"},
)
@cases("templates", WITH_MARKUP)
def test_everything_in_the_mail_leads_to_an_allowed_origin(
    links: LinkFlow, triggers: TriggersUnderTest, templates: Templates
) -> None:
    """Whatever stands in redirectUri, everything in the mail that can be clicked leads to an allowed origin.

    The mail comes from the team's own address. With quotes and tags in a query that is pasted into it, an attacker
    writes the team's mails: a second link, a form, a picture. Take the parsed and written-out URL (`URL.href`), never
    the text as it came, and encode it for HTML.
    """
    _must_all_lead_home(links, triggers, templates, "a redirectUri with markup")


NAMES_OF_HOSTS = (
    "host", "Host", "x-forwarded-host", "X-Forwarded-Host", "origin", "Origin", "referer", "baseUrl", "base_url", "url",
    "link", "domain", "callbackUrl", "returnTo", "next",
)  # fmt: skip


@check(
    "ML-18b",
    level=MUST,
    severity=HIGH,
    clause="CVE-2022-31127; ASVS 5.0 1.2.1",
    evidence=REPORTED,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.host-from-metadata": "the mail for metadata with markup"},
)
def test_no_metadata_is_written_into_the_mail(links: LinkFlow, triggers: TriggersUnderTest) -> None:
    """Whatever else the client's metadata holds, nothing in the mail leads away.

    Names, languages, subjects: each is an attacker's to write, since a sign-in can be started in anybody's name. Encode
    what the mail needs, and leave out the rest.
    """
    markup = f'"><a href="https://{ELSEWHERE}/">https://{ELSEWHERE}/</a>'
    names = (*NAMES_OF_HOSTS, "username", "name", "email", "subject", "from", "language", "locale", "ip", "userAgent")
    change = CustomChange(metadata=dict.fromkeys(names, markup), headers={"User-Agent": markup})
    _must_lead_home(links.request(links.new_user(), change=change), triggers, "metadata with markup")
    links.ask()


@check(
    "ML-19",
    level=SHOULD,
    severity=MEDIUM,
    clause="RFC 3986 3.5",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.keeps-a-fragment": "more than one #"},
)
@cases("added", {"query": "?a=b&c=d", "fragment": "#section", "query and fragment": "?a=b#section"})
def test_a_redirect_uri_with_query_or_fragment_makes_one_url(
    links: LinkFlow, triggers: TriggersUnderTest, added: str
) -> None:
    """A redirectUri with a query of its own keeps it; one with a fragment is refused or merged: the link has one #.

    A link is put together of the page and the secret. Put together as text, the secret lands behind a second # and is
    no longer what the page reads. Use a URL's own members to build it.
    """
    asked = links.request(links.new_user(), redirect_uri=triggers.redirect_uri + added)
    for mail in asked.mails:
        for link in mail.links:
            if link.url.count("#") > 1:
                raise Finding(f"a link has more than one # ({link.where}): the page reads another secret")
    if "#" not in added:
        sent = links.link_of(asked)
        if urldefrag(links.ask().url)[0] != triggers.redirect_uri:
            return  # the flow has a page of its own, whatever the client asks for
        missing = [pair for pair in added[1:].split("&") if pair not in urlsplit(sent.url).query.split("&")]
        assert not missing, f"the query of redirectUri is lost: {', '.join(missing)}"
        outcome = links.redeem(sent)
        assert outcome.has_tokens, f"a link to a page with a query does not sign in: {outcome.answer.described()}"
    else:
        must_sign_in(links.sign_in(), "a link to the page itself")


@check(
    "ML-20",
    level=SHOULD,
    severity=HIGH,
    clause="RFC 9110 10.2.2 (a fragment survives a redirect); RFC 9700 4.11",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.any-path": "a link leads to a path"},
)
@cases("template", REDIRECTING)
def test_a_link_leads_to_its_page_and_no_other(links: LinkFlow, triggers: TriggersUnderTest, template: str) -> None:
    """A redirectUri of an allowed origin and another path is refused, or the sign-in page takes its place.

    One open redirector anywhere on the site is enough: browsers carry the fragment, and with it the secret, along to
    wherever a redirect leads. Allow the sign-in pages, not the site.
    """
    uri = written_for(template, triggers.redirect_uri)
    asked = links.request(links.new_user(), redirect_uri=uri)
    home = urlsplit(links.ask().url).path
    for mail in asked.mails:
        for link in mail.links:
            if links.spoken.secret_in(link.url) and urlsplit(link.url).path != home:
                raise Finding(f"a link leads to a path of the client's choice: {urlsplit(link.url).path}")


@check(
    "ML-30",
    level=MUST,
    severity=CRITICAL,
    clause="CVE-2026-26747, CVE-2025-70948, GHSA-fqh6-6h6c-366m (the link's host came from the Host header)",
    evidence=REPORTED,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.host-from-metadata": "the mail for a request that names another host"},
)
@cases(
    "change",
    {
        "HTTP headers": CustomChange(
            headers={
                "X-Forwarded-Host": ELSEWHERE,
                "X-Forwarded-Server": ELSEWHERE,
                "X-Host": ELSEWHERE,
                "Forwarded": f"host={ELSEWHERE};proto=https",
                "Origin": f"https://{ELSEWHERE}",
                "Referer": f"https://{ELSEWHERE}/sign-in",
            }
        ),
        "metadata, a host": CustomChange(metadata=dict.fromkeys(NAMES_OF_HOSTS, ELSEWHERE)),
        "metadata, an address": CustomChange(metadata=dict.fromkeys(NAMES_OF_HOSTS, f"https://{ELSEWHERE}")),
    },
)
def test_the_links_host_is_not_the_clients_word(
    links: LinkFlow, triggers: TriggersUnderTest, change: CustomChange
) -> None:
    """No header and no metadata that names a host changes where the link leads.

    Host and X-Forwarded-Host say what the client likes, also where a front end copies them into the metadata. Take
    the link's origin from the configuration.
    """
    asked = links.request(links.new_user(), change=change)
    _must_lead_home(asked, triggers, "a request that names another host")
    links.ask()
