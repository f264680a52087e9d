"""The command line. Each command imports what it needs, so that `list` and `explain` start at once."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec

import click

from cognito_conformance import __version__
from reports.files import write_whole
from reports.renderings import RENDERINGS
from reports.vocabulary import ExitCode, Level

if TYPE_CHECKING:
    from rich.console import Console

    from harness.settings import Settings

P = ParamSpec("P")


def _fail(code: int, message: str) -> NoReturn:
    click.echo(f"cognito-conformance: {message}", err=True)
    sys.exit(code)


def explains_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Turn the errors that a user can mend into a message and their exit code; all others into 5."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click's own, and it takes a closed pipe quietly
        except KeyboardInterrupt:
            _fail(ExitCode.INCONCLUSIVE, "interrupted")
        except Exception as error:
            _fail(_code_of(error), str(error) if _code_of(error) != ExitCode.INTERNAL else _unexpected(error))

    return run


def _code_of(error: Exception) -> int:
    from fakes.faults import UnknownFault
    from harness.catalogue import UnknownCheck

    usage = {
        "ConfigurationError",
        "WaiverError",
        "UnwritableResults",
        "UnwritableReport",
        "UnreadableResults",
        "EvidenceError",
    }
    names = {kind.__name__ for kind in type(error).__mro__}
    return ExitCode.USAGE if isinstance(error, UnknownFault | UnknownCheck) or names & usage else ExitCode.INTERNAL


def _unexpected(error: Exception) -> str:
    import traceback

    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    return f"internal error, please report it: {type(error).__name__}: {error} ({where})"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cognito-conformance")
def main() -> None:
    """A protocol test harness and conformance suite for Amazon Cognito authentication.

    Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 inconclusive, 4 nothing or too little ran,
    5 internal error.
    """


_SELECTION = [
    click.option("--config", "file", type=click.Path(path_type=Path), help="Configuration; default conformance.toml."),
    click.option("--only", multiple=True, metavar="ID", help="A check, a section (SRP), a case (SRP-04[N])."),
    click.option("-n", "--workers", type=click.IntRange(1, 64), help="Parallel workers."),
    click.option("--seed", type=click.IntRange(0), help="Repeat a run: the seed stands in its report."),
    click.option("--examples", type=click.IntRange(1), help="Generated inputs a property."),
]


def _selection_options(command: Callable[P, None]) -> Callable[P, None]:
    for option in reversed(_SELECTION):
        command = option(command)
    return command


def settings_from(file: Path | None, sections: dict[str, dict[str, Any]]) -> Settings:
    """The settings of a command: the file's, under what its options say. Raises ConfigurationError."""
    from harness.settings import load_settings

    given = {
        section: {key: value for key, value in values.items() if value not in (None, [], ())}
        for section, values in sections.items()
    }
    return load_settings(file, {section: values for section, values in given.items() if values})


def _words(command: str, option: str) -> list[str]:
    """A command as a shell would split it."""
    try:
        return shlex.split(command)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error


def _console(*, errors: bool = False) -> Console:
    from rich.console import Console as RichConsole

    return RichConsole(stderr=errors, highlight=False, markup=False, emoji=False, soft_wrap=True)


@main.command()
@_selection_options
@click.option("--target", "kind", type=click.Choice(["embedded", "endpoint", "live"]), help="What to test.")
@click.option("--live", "live", is_flag=True, help="Go at the live pool that the configuration names.")
@click.option("--plan", "plan", is_flag=True, help="Say what a live run would do and cost, and stop there.")
@click.option("--endpoint", metavar="URL", help="Test the Cognito endpoint at this URL.")
@click.option("--region", help="The region to name; default us-east-1.")
@click.option("--verifier", metavar="COMMAND", help="Judge the token verifier whose driver this command starts.")
@click.option("--client", metavar="COMMAND", help="Judge the client whose driver this command starts.")
@click.option("--relying-party", metavar="COMMAND", help="Judge the WebAuthn library whose driver this command starts.")
@click.option(
    "--authenticator",
    type=click.Choice(["software", "chromium"]),
    help="What makes the honest WebAuthn ceremonies; default software.",
)
@click.option("--timeout", type=float, help="Seconds for one exchange.")
@click.option("--edge-sign-ins", type=int, help="Sign in so often while waiting for an edge that cannot be forced.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Folder for the results."
)
@click.option(
    "--gate",
    "level",
    type=click.Choice(["MUST", "SHOULD"], case_sensitive=False),
    help="Lowest level that fails the run.",
)
@click.option("--floor", type=int, help="Exit 4 when fewer checks than this are decided.")
@click.option("--waivers", type=click.Path(path_type=Path), help="Known findings, as TOML.")
@explains_errors
def run(
    file: Path | None,
    only: tuple[str, ...],
    workers: int | None,
    seed: int | None,
    examples: int | None,
    kind: str | None,
    live: bool,
    plan: bool,
    endpoint: str | None,
    region: str | None,
    verifier: str | None,
    client: str | None,
    relying_party: str | None,
    authenticator: str | None,
    timeout: float | None,
    edge_sign_ins: int | None,
    out: Path,
    level: str | None,
    floor: int | None,
    waivers: Path | None,
) -> None:
    """Run the checks and write results.json, and beside it junit.xml, report.html, results.sarif and more."""
    from harness.conduct import conduct
    from harness.waivers import render_waivers
    from reports.console import ProgressDisplay, render_console

    settings = settings_from(
        file,
        {
            "target": {
                "kind": kind or ("endpoint" if endpoint else None),
                "endpoint": endpoint,
                "region": region,
                "timeout_seconds": timeout,
                "edge_sign_ins": edge_sign_ins,
            },
            "gate": {"level": Level(level.upper()) if level else None, "floor": floor, "waivers": waivers},
            "run": {"select": list(only), "seed": seed, "workers": workers, "examples": examples},
            "verifier": {"command": _words(verifier or "", "--verifier")},
            "client": {"command": _words(client or "", "--client")},
            "relying_party": {"command": _words(relying_party or "", "--relying-party")},
            "authenticator": {"kind": authenticator},
        },
    )
    if live or plan or settings.target.kind == "live":
        from harness.live.safety import require_word, show_plan

        require_word(settings, given=live or plan)
        if plan:
            show_plan(settings, click.echo)
            return
    results = conduct(settings, out=out, display=ProgressDisplay(_console(errors=True)), say=click.echo)
    render_console(results, _console())
    if ready := render_waivers(results.records):
        (out / "waivers-to-paste.toml").write_text(ready, encoding="utf-8")
        click.echo(f"waivers for these findings, to be completed: {out / 'waivers-to-paste.toml'}")
    sys.exit(results.footer.exit_code)


@main.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--timeout", type=click.FloatRange(0, 300, min_open=True), default=10.0, show_default=True)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@explains_errors
def client(command: tuple[str, ...], timeout: float) -> None:
    """Try the driver of a client by hand: `client -- node my-driver.mjs`. Each line is shown; nothing is judged.

    Exit codes: 0 the right password signs in and a wrong one does not, 1 it is otherwise, 3 the driver failed.
    """
    from harness.client_by_hand import try_client

    sys.exit(try_client(command, timeout_seconds=timeout, say=click.echo))


@main.command(name="list")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="Write here instead of standard output.")
@explains_errors
def list_checks(form: str, output: Path | None) -> None:
    """List every check."""
    from harness.catalogue import all_checks

    checks = all_checks()
    if form == "json":
        text = json.dumps([check.as_dict() for check in checks], indent=2, ensure_ascii=False) + "\n"
    elif form == "markdown":
        from harness.catalogue_page import render_catalogue

        text = render_catalogue(checks)
    else:
        lines = [f"{check.id:<13}{check.level:<7}{check.severity:<9} {check.summary}\n" for check in checks]
        text = "".join(lines) + f"{len(checks)} checks\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_whole(output, text)


@main.command()
@click.argument("id")
@explains_errors
def explain(id: str) -> None:
    """Say what a check requires, why, and how it is known."""
    from harness.catalogue import find_check
    from harness.needs import NEEDS

    check = find_check(id)
    click.echo(f"{check.id}  {check.level}, {check.severity}\n\n{check.explanation}\n")
    click.echo(f"clause    {check.clause}\nevidence  {check.evidence}\nsubject   {check.subject}")
    for need in sorted(check.needs):
        click.echo(f"needs     {need}: the target {NEEDS[need]}")
    for fault in sorted(check.killed_by):
        click.echo(f"catches   {fault}")


@main.command()
@_selection_options
@click.option("--fault", "faults", multiple=True, metavar="ID", help="Only this fault, or those below it (pool.srp).")
@explains_errors
def prove(
    file: Path | None,
    only: tuple[str, ...],
    workers: int | None,
    seed: int | None,
    examples: int | None,
    faults: tuple[str, ...],
) -> None:
    """Show that every check fails under each of its faults, for its own reason, and passes without."""
    from rich.progress import Progress

    from harness.prove import GOOD
    from harness.prove import prove as run_proof

    run_section = {"select": list(only), "seed": seed, "workers": workers, "examples": examples}
    settings = settings_from(file, {"target": {"kind": "embedded"}, "run": run_section})
    with Progress(console=_console(errors=True), transient=True) as progress:
        task = progress.add_task("proving", total=None)
        proof = run_proof(
            settings,
            faults,
            expect=lambda total: progress.update(task, total=total),
            decided=lambda _: progress.advance(task),
        )
    width = max((len(cell.fault or "") for cell in proof.cells), default=0) + 2
    for cell in proof.cells:
        mark = "  " if cell.cell in GOOD else "! "
        click.echo(f"{mark}{cell.check:<13}{cell.fault or 'honest':<{width}}{cell.cell}")
        if cell.cell not in GOOD:
            click.echo(f"      {cell.detail}")
    for message in proof.broken:
        click.echo(f"! {message}")
    wrong = sum(cell.cell not in GOOD for cell in proof.cells)
    honest = sum(cell.fault is None for cell in proof.cells)
    click.echo(f"{honest} checks, {len(proof.cells) - honest} faults to catch, {wrong} wrong; seed {settings.run.seed}")
    sys.exit(proof.exit_code)


@main.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Bind here. Anything but loopback is open to the network."
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 takes a free one.")
@click.option("--region", default="us-east-1", show_default=True)
@click.option("--seed", type=click.IntRange(0), help="Make the pool's random values repeat.")
@click.option("--user", "users", multiple=True, metavar="NAME=PASSWORD", help="Make a confirmed user. Repeatable.")
@click.option("--client-secret/--no-client-secret", "with_secret", default=False, help="Give the app client a secret.")
@click.option(
    "--issuer",
    type=click.Choice(["aws", "endpoint"]),
    default="aws",
    show_default=True,
    help="Whose tokens' iss: AWS's host, or this endpoint for clients that fetch keys from the issuer.",
)
@click.option("--fault", "faults", multiple=True, metavar="ID", help="Switch a fault on (see `faults`). Repeatable.")
@click.option("--latency", type=click.FloatRange(0, 60), default=0.0, help="Seconds before each answer.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), help="Requests a second, throttled beyond.")
@click.option(
    "--throttle", type=click.FloatRange(0, 1), default=0.0, metavar="P", help="Share of requests throttled at random."
)
@click.option(
    "--deny",
    "denied",
    multiple=True,
    metavar="PATTERN",
    help="Refuse these operations of administrators, as without the permission: Admin*. Repeatable.",
)
@click.option(
    "--require-signature",
    is_flag=True,
    help="Refuse operations of administrators that are not signed with the key conformance, secret conformance.",
)
@click.option("--pool-name", default="served", show_default=True, help="What the user pool is called.")
@click.option(
    "--triggers", metavar="reference|FILE", help="Deploy the reference triggers, or those of a conformance.toml."
)
@click.option(
    "--outbox", type=click.Path(path_type=Path, file_okay=False), help="Folder for each mail (.eml) and text (.json)."
)
@click.option("--mail-bucket", metavar="NAME", help="S3 bucket at the same endpoint that gets each mail too.")
@explains_errors
def serve(
    host: str,
    port: int,
    region: str,
    seed: int | None,
    users: tuple[str, ...],
    with_secret: bool,
    issuer: str,
    faults: tuple[str, ...],
    latency: float,
    rate: float | None,
    throttle: float,
    denied: tuple[str, ...],
    require_signature: bool,
    pool_name: str,
    triggers: str | None,
    outbox: Path | None,
    mail_bucket: str | None,
) -> None:
    """Run the embedded pool by itself until it is stopped.

    The first line says where it is, the last one what came, both as JSON.
    """
    from fakes.pool import Issuer, PoolOptions
    from harness.serve import ServedUser, ServeOptions
    from harness.serve import serve as run_pool

    made = []
    for user in users:
        name, separator, password = user.partition("=")
        if not name or not separator or not password:
            raise click.BadParameter("give NAME=PASSWORD", param_hint="--user")
        made.append(ServedUser(name, password))
    if triggers not in (None, "reference") and not Path(triggers).is_file():
        raise click.BadParameter(f"there is no file {triggers}; give `reference` or a file", param_hint="--triggers")
    options = ServeOptions(
        pool=PoolOptions(host=host, port=port, region=region, seed=seed, issuer=Issuer(issuer)),
        users=made,
        with_secret=with_secret,
        faults=faults,
        latency_seconds=latency,
        requests_per_second=rate,
        throttling_probability=throttle,
        denied=denied,
        requires_signature=require_signature,
        pool_name=pool_name,
        triggers=triggers,
        outbox=outbox,
        mail_bucket=mail_bucket,
    )
    run_pool(options, announce=click.echo)


@main.command(name="faults")
@explains_errors
def list_faults() -> None:
    """List every fault that the fakes can be given."""
    import fakes.arithmetic
    import fakes.client
    import fakes.pool
    import fakes.relying_party
    import fakes.triggers
    import fakes.verifier  # noqa: F401 - these declare their faults
    from fakes.faults import declared_faults

    faults = declared_faults()
    width = max(map(len, faults)) + 2
    for fault in faults.values():
        click.echo(f"{fault.id:<{width}}{fault.summary}")


@main.group()
def vectors() -> None:
    """The known answers."""


@vectors.command()
@explains_errors
def verify() -> None:
    """Derive every known answer again and compare."""
    from vectors.verify import verify_all

    problems = verify_all()
    for problem in problems:
        click.echo(str(problem))
    click.echo("every vector holds" if not problems else f"{len(problems)} problems")
    sys.exit(ExitCode.FINDINGS if problems else ExitCode.CLEAN)


@vectors.command()
@click.argument("destination", type=click.Path(path_type=Path, file_okay=False))
@explains_errors
def regenerate(destination: Path) -> None:
    """Search for the edge set and derive the W3C's WebAuthn vectors again, and write both to DESTINATION."""
    from vectors.generate import regenerate as search
    from vectors.webauthn_file import write as derive_webauthn

    click.echo(f"wrote {search(destination)}")
    click.echo(f"wrote {derive_webauthn(destination)}")


class _WithDefault(click.Group):
    """A group whose command `show` is meant when no command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `show` in front of anything that names no command."""
        if args and args[0] not in {*self.commands, "-h", "--help"}:
            args = ["show", *args]
        return super().parse_args(ctx, args)


@main.group(cls=_WithDefault)
def report() -> None:
    """Render a results file: `report FILE --format html`; or bundle it as evidence."""


@report.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(list(RENDERINGS)), default="console", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="Write here instead of standard output.")
@explains_errors
def show(file: Path, form: str, output: Path | None) -> None:
    """Render a results file (or the folder that holds it). A broken or unfinished one is refused."""
    from reports.reader import read_results

    results = read_results(file)
    if form == "console" and output is None:
        from reports.console import render_console

        render_console(results, _console())
        return
    text = RENDERINGS[form].render(results)
    if output is None:
        click.echo(text)
    else:
        write_whole(output, text)


@main.group()
def waivers() -> None:
    """Findings that somebody has accepted, for a reason and until a day."""


@waivers.command(name="init")
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--reason", default="", help="Why the findings are accepted.")
@click.option("--owner", default="", help="Who answers for them.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="Their last day, as 2027-01-31.")
@click.option("--output", type=click.Path(path_type=Path), help="A new file, instead of standard output.")
@explains_errors
def init_waivers(results: Path, reason: str, owner: str, expires: datetime | None, output: Path | None) -> None:
    """Write waivers for the findings of a run; what is not filled in is refused until somebody does."""
    from harness.waivers import render_waivers
    from reports.reader import read_results

    text = render_waivers(
        read_results(results).records, reason=reason, owner=owner, expires=expires.date() if expires else None
    )
    if not text:
        click.echo("the run has no finding to waive", err=True)
    elif output is None:
        click.echo(text, nl=False)
    elif output.exists():
        raise click.BadParameter(f"{output} is there already; name a new file", param_hint="--output")
    else:
        write_whole(output, text)


@waivers.command(name="check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--results", type=click.Path(path_type=Path), help="A run, to see which waivers still match anything.")
@click.option(
    "--soon", type=click.IntRange(0), default=30, show_default=True, help="Name what expires in so many days."
)
@explains_errors
def check_waivers(file: Path, results: Path | None, soon: int) -> None:
    """Name the waivers that are stale (exit code 1), and those that expire soon."""
    from harness.conduct import known_cases
    from harness.waiver_review import review_waivers
    from harness.waivers import Waivers
    from reports.reader import read_results

    loaded = Waivers.load(file)
    review = review_waivers(
        loaded,
        read_results(results) if results else None,
        known=known_cases(),
        today=datetime.now(UTC).date(),
        soon=timedelta(days=soon),
    )
    for line in (*review.stale, *review.soon):
        click.echo(line)
    click.echo(f"{len(loaded.waivers)} waivers, {len(review.stale)} stale, {len(review.soon)} expire soon")
    sys.exit(ExitCode.FINDINGS if review.stale else ExitCode.CLEAN)


@report.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("evidence.zip"), show_default=True, help="The archive."
)
@explains_errors
def bundle(folder: Path, output: Path) -> None:
    """Put a run, its report, versions and the vectors' digests into one archive, with a manifest of SHA-256 sums."""
    from harness.evidence import bundle_evidence

    for name, digest in bundle_evidence(folder, output).items():
        click.echo(f"{digest}  {name}")
    click.echo(f"wrote {output}")


@report.command(name="verify")
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@explains_errors
def verify_bundle(archive: Path) -> None:
    """Check an archive of evidence against its manifest, and the report in it against the results."""
    from harness.evidence import verify_evidence

    review = verify_evidence(archive)
    for remark in (*review.problems, *review.remarks):
        click.echo(remark)
    click.echo(f"{len(review.problems)} problems" if review.problems else "the archive is whole")
    sys.exit(ExitCode.FINDINGS if review.problems else ExitCode.CLEAN)


@main.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
@click.option(
    "--gate",
    "level",
    type=click.Choice(["MUST", "SHOULD"], case_sensitive=False),
    help="Lowest level at which a new finding fails; default: the gate of the new run.",
)
@click.option("--output", type=click.Path(path_type=Path), help="Write here instead of standard output.")
@explains_errors
def diff(old: Path, new: Path, form: str, level: str | None, output: Path | None) -> None:
    """Compare two runs: what is new, mended, changed, no longer covered.

    Exit code: 1 with a new or another finding, 4 when less is covered than before, else 0.
    """
    from reports.difference import compare
    from reports.difference_text import render_difference, render_difference_markdown
    from reports.reader import read_results

    difference = compare(read_results(old), read_results(new))
    text = (render_difference if form == "text" else render_difference_markdown)(difference)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_whole(output, text)
    sys.exit(difference.exit_code(Level(level.upper()) if level else difference.new.header.gate_level))


import harness.live_commands  # noqa: E402, F401 - registers the commands of live pools
