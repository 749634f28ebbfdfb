"""The arguments that name a site to read, and the source they name."""

import argparse
import os
import subprocess
from pathlib import Path
from typing import Any

import yaml
from docs_chat.ingest.v1 import ingest_service_pb2 as pb

_KINDS = {
    "auto": pb.SOURCE_KIND_UNSPECIFIED,
    "source": pb.SOURCE_KIND_SOURCE_TREE,
    "build": pb.SOURCE_KIND_BUILT_SITE,
}


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Add them to a command."""
    parser.add_argument("site_folder", metavar="SITE", help="site folder, its build folder, or a .zip/.tar/.tar.gz")
    parser.add_argument("--base-url", default="", help="address of the site's root; from the site's config otherwise")
    parser.add_argument("--site", default="", help="name to index it under; made from the address otherwise")
    parser.add_argument("--kind", choices=_KINDS, default="auto", help="read the sources, or the build")
    parser.add_argument(
        "--build",
        type=Path,
        metavar="FOLDER",
        help="take addresses and texts from this build, the rest from the sources",
    )
    parser.add_argument("--settings", type=Path, help="YAML file with what the config would compute")
    parser.add_argument("--commit", default="", help="commit of the source; asked from git otherwise")
    parser.add_argument("--include-unlisted", action="store_true", help="index unlisted pages too")
    parser.add_argument("--run-config", action="store_true", help="read the config with Node: runs the site's code")


def site_source(args: argparse.Namespace) -> pb.SiteSource:
    """What the arguments name.

    Raises:
        ValueError: If the file of settings cannot be read.
    """
    path = Path(args.site_folder).expanduser().absolute()
    source = pb.SiteSource(
        path=os.fspath(path),
        kind=_KINDS[args.kind],
        base_url=args.base_url,
        site=args.site,
        source_commit=args.commit or _git_commit(path),
        run_config=args.run_config,
        include_unlisted=args.include_unlisted,
        build_path=os.fspath(args.build.expanduser().absolute()) if args.build else "",
    )
    if args.settings:
        source.settings.update(_read_settings(args.settings))
    return source


def _read_settings(path: Path) -> dict[str, Any]:
    """Settings from a YAML or JSON file.

    Raises:
        ValueError: If it is not there or not a mapping.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} must be a mapping of settings")
    return content


def _git_commit(path: Path) -> str:
    """Commit that is checked out around the path; empty outside git."""
    folder = path if path.is_dir() else path.parent
    try:
        command = ["git", "-C", os.fspath(folder), "rev-parse", "HEAD"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
