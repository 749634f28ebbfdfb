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

COMMANDS = ("init", "ask", "ingest", "watch", "sites", "models", "rollback", "delete-site", "eval", "health")
"""Each a module with `add_parser(subparsers)` and `async run(args) -> int`."""


def build_parser(commands: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """The parser of these commands."""
    description, _, codes = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser("docs-chat", description=description, epilog=codes)
    subparsers = parser.add_subparsers(required=True, metavar="command")
    for command in commands:
        importlib.import_module(f"cli.{command.replace('-', '_')}").add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and end with its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    wanted = [command for command in COMMANDS if arguments[:1] == [command]]  # one command imports only what it needs
    args = build_parser(wanted or COMMANDS).parse_args(arguments)
    try:
        code = asyncio.run(args.run(args))
    except ServiceError as error:
        print(f"docs-chat: {error.message}", file=sys.stderr)
        code = exit_code(error)
    except ValueError as error:
        print(f"docs-chat: {error}", file=sys.stderr)
        code = USAGE
    except KeyboardInterrupt:
        print("docs-chat: interrupted", file=sys.stderr)
        code = INTERRUPTED
    except BrokenPipeError:
        code = OK
    sys.exit(code)


if __name__ == "__main__":
    main()
