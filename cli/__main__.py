"""`docs-chat`: the terminal of docs-chat. Speaks the services' contracts and nothing else.

Exit codes: 0 done; 1 failed; 2 wrong arguments or an unreadable source; 3 the source looks wrong (--force);
4 a service cannot be reached; 5 another run is writing; 6 no such site; 7 some pages failed (--strict).
"""

import argparse
import asyncio
import importlib
import sys
from collections.abc import Sequence

from cli.exit_codes import INTERRUPTED, OK, USAGE, exit_code
from services.runtime.errors import ServiceError

COMMANDS = ("ingest", "sites", "rollback", "delete_site", "eval")
"""Modules with `add_parser(subparsers)` and `async run(args) -> int`."""


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    description, _, codes = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser("docs-chat", description=description, epilog=codes)
    subparsers = parser.add_subparsers(required=True, metavar="command")
    for name in COMMANDS:
        importlib.import_module(f"cli.{name}").add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and end with its exit code."""
    args = build_parser().parse_args(arguments)
    try:
        code = asyncio.run(args.run(args))
    except ServiceError as error:
        print(f"docs-chat: {error.message}", file=sys.stderr)
        code = exit_code(error)
    except ValueError as error:
        print(f"docs-chat: {error}", file=sys.stderr)
        code = USAGE
    except KeyboardInterrupt:
        print("docs-chat: interrupted; nothing was published", file=sys.stderr)
        code = INTERRUPTED
    except BrokenPipeError:
        code = OK
    sys.exit(code)


if __name__ == "__main__":
    main()
