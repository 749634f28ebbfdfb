"""`python -m gateway.report`: what readers asked, what the docs did not answer, which page to fix, what it cost.

Reads the database of the gateway's own settings (`.env`), also while the gateway runs. Nothing leaves the machine.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from gateway.report.figures import Remark, Turn, make_report, remark_of, turn_of
from gateway.report.show import as_html, as_json, as_text
from gateway.settings import GatewaySettings
from gateway.store.database import Database, migrated, open_database
from gateway.store.tables import feedback, turns


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report.

    Returns:
        0, or 1 when there is no database to read.
    """
    args = _parser().parse_args(arguments)
    settings = GatewaySettings()
    url = settings.database_url.get_secret_value()
    if not url and not any(settings.data_dir.glob("*.sqlite3")):
        print(
            f"Nothing is recorded in {settings.data_dir} yet: no gateway has run with these settings.", file=sys.stderr
        )
        return 1
    until = datetime.now(UTC)
    since = until - timedelta(days=args.days)
    try:
        records, remarks = asyncio.run(_read(open_database(url, settings.data_dir), since, args.site))
    except (RuntimeError, ValueError) as error:
        print(f"The report cannot be made: {error}", file=sys.stderr)
        return 1
    report = make_report(records, since=since.date(), until=until.date(), site=args.site, remarks=remarks)
    if args.html:
        args.html.write_text(as_html(report), "utf-8")
        print(f"Written: {args.html}", file=sys.stderr)
    print(as_json(report) if args.json else as_text(report))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("gateway.report", description=__doc__)
    parser.add_argument("--days", type=_positive, default=30, help="days to look back (%(default)s)")
    parser.add_argument("--site", default="", help="one site only")
    parser.add_argument("--json", action="store_true", help="all figures as JSON instead of tables")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page that can be shown to others as well")
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("a number of days, from 1")
    return int(text)


async def _read(database: Database, since: datetime, site: str) -> tuple[list[Turn], list[Remark]]:
    async with migrated(database):
        return await database.run(
            lambda connection: (recorded_turns(connection, since, site), recorded_remarks(connection, since, site))
        )


def recorded_turns(connection: Connection, since: datetime, site: str) -> list[Turn]:
    """Turns since a moment, oldest first; of one site if it is named."""
    wanted = select(turns).where(turns.c.asked_at >= since).order_by(turns.c.asked_at)
    return [turn_of(row) for row in connection.execute(wanted.where(turns.c.site == site) if site else wanted)]


def recorded_remarks(connection: Connection, since: datetime, site: str) -> list[Remark]:
    """What readers wrote since a moment, newest first; about one site if it is named."""
    columns = (feedback.c.given_at, feedback.c.reason, feedback.c.text, turns.c.cited_uris, turns.c.passage_uris)
    joined = select(*columns).join_from(feedback, turns, feedback.c.item_id == turns.c.item_id, isouter=True)
    wanted = joined.where(feedback.c.text.is_not(None), feedback.c.given_at >= since)
    wanted = wanted.order_by(feedback.c.given_at.desc())
    return [remark_of(row) for row in connection.execute(wanted.where(turns.c.site == site) if site else wanted)]


if __name__ == "__main__":
    sys.exit(main())
