"""The commands that belong to live pools. Like all commands they import what they need when they run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from harness.command_line import explains_errors, main, settings_from
from reports.vocabulary import ExitCode

_CONFIG = click.option(
    "--config", "file", type=click.Path(path_type=Path), help="Configuration; default conformance.toml."
)


@main.command()
@_CONFIG
@click.option("--run", "run_name", metavar="NAME", help="Only this run, even if its process still lives.")
@click.option("--ledger", type=click.Path(path_type=Path), help="The ledger; default as the configuration says.")
@click.option("--dry-run", "dry", is_flag=True, help="Say what would be taken away, and change nothing.")
@explains_errors
def cleanup(file: Path | None, run_name: str | None, ledger: Path | None, dry: bool) -> None:
    """Take away what runs made in live pools and, killed or cut off, have left there.

    Nothing is touched but what stands in the ledger under a name that the run gave.

    Exit codes: 0 everything is gone, 1 something is left, 2 usage or configuration.
    """
    from harness.live.cleanup import clean_ledger

    settings = settings_from(file, {})
    done = clean_ledger(ledger or settings.live.ledger, settings, run=run_name, dry=dry)
    for remark in done.remarks:
        click.echo(remark)
    for cleaned in done.runs:
        if cleaned.passed_over:
            click.echo(f"run {cleaned.run}: passed over: {cleaned.passed_over}")
        for entry in cleaned.removed:
            click.echo(f"run {cleaned.run}: {'would remove' if dry else 'removed'} {entry.described()}")
        for entry, reason in cleaned.left:
            click.echo(f"run {cleaned.run}: left {entry.described()}: {reason}")
    removed, left = sum(len(it.removed) for it in done.runs), sum(len(it.left) for it in done.runs)
    click.echo(f"{removed} {'to remove' if dry else 'removed'}, {left} left")
    sys.exit(ExitCode.FINDINGS if done.something_is_left else ExitCode.CLEAN)


@main.command()
@_CONFIG
@click.option("--only", multiple=True, metavar="ID", help="A check, a section (SRP), a case (SRP-04[N]).")
@explains_errors
def policy(file: Path | None, only: tuple[str, ...]) -> None:
    """Print the least IAM policy for a live run: what the configuration allows and the selected checks ask for."""
    from harness.live.policy import make_policy

    settings = settings_from(file, {"target": {"kind": "live"}, "run": {"select": list(only)}})
    click.echo(json.dumps(make_policy(settings), indent=2))


@main.command()
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("conformance.toml"), show_default=True, help="A new file."
)
@click.option("--user-pool-id", metavar="ID", help="The pool; it is looked at where there are credentials.")
@click.option("--region", help="The pool's region, where its id does not tell.")
@explains_errors
def init(output: Path, user_pool_id: str | None, region: str | None) -> None:
    """Write a commented configuration for a live pool. A file that is there already is never touched.

    Nothing is asked of anybody without --user-pool-id. With it, the pool is read: its name, its app clients, whether
    the run may make users there, whether it calls functions of custom auth.
    """
    from harness.live.init import configuration, region_of, suggestions_for, write_new

    if output.exists():
        raise click.BadParameter(f"{output} is there already; name a new file", param_hint="--output")
    found = suggestions_for(user_pool_id, region_of(user_pool_id, region))
    write_new(output, configuration(found))
    for told in found.told:
        click.echo(told, err=True)
    click.echo(f"wrote {output}")


@main.command()
@_CONFIG
@click.option("--only", multiple=True, metavar="ID", help="A check, a section (SRP), a case (SRP-04[N]).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@explains_errors
def doctor(file: Path | None, only: tuple[str, ...], form: str) -> None:
    """Look whether everything is there that a live run needs. Nothing is made, changed or signed in to.

    Exit codes: 0 everything is there, 1 something is missing that costs checks, 2 the configuration is wrong,
    3 the pool cannot be reached or the credentials open nothing.
    """
    from harness.live.diagnosis import render_diagnosis
    from harness.live.doctor import examine

    settings = settings_from(file, {"target": {"kind": "live"}, "run": {"select": list(only)}})
    diagnosis = examine(settings)
    click.echo(json.dumps(diagnosis.as_dict(), indent=2) if form == "json" else render_diagnosis(diagnosis))
    sys.exit(diagnosis.exit_code)
