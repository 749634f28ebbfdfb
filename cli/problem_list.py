"""Problems on the terminal: one that many pages share is one line with its count and three examples."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from rich.console import Console

_SEVERITIES = {
    pb.PROBLEM_SEVERITY_ERROR: ("error", "red"),
    pb.PROBLEM_SEVERITY_WARNING: ("warning", "yellow"),
    pb.PROBLEM_SEVERITY_INFO: ("note", "dim"),
}
_EXAMPLES = 3
_LINES_OF_A_CODE = 20


def print_problem(console: Console, problem: pb.Problem) -> None:
    """A problem with its place."""
    _print(console, problem, f"{_prefix(problem)}{_place(problem, ': ')}{problem.message}")


def print_problems(console: Console, problems: Iterable[pb.Problem]) -> None:
    """All problems, the worst first, each kind of them together."""
    by_kind: dict[tuple[int, str], dict[str, list[pb.Problem]]] = defaultdict(lambda: defaultdict(list))
    for problem in problems:
        by_kind[-problem.severity, problem.code][problem.message].append(problem)
    for _, by_message in sorted(by_kind.items(), key=lambda item: item[0]):
        for problem, line in _lines(sorted(by_message.values(), key=len, reverse=True)):
            _print(console, problem, line)


def _lines(groups: list[list[pb.Problem]]) -> Iterator[tuple[pb.Problem, str]]:
    """Lines of one kind: those that occur on many pages first, then examples of the others."""
    repeated = [group for group in groups if len(group) > 1]
    single = [group[0] for group in groups if len(group) == 1]
    for group in repeated[:_LINES_OF_A_CODE]:
        places = list(dict.fromkeys(filter(None, map(_place, group))))[:_EXAMPLES]
        examples = f", for example {', '.join(places)}" if places else ""
        yield group[0], f"{_prefix(group[0])}{group[0].message} ({len(group)} times{examples})"
    few = single if len(single) <= _EXAMPLES + 1 else single[:_EXAMPLES]
    for problem in few:
        yield problem, f"{_prefix(problem)}{_place(problem, ': ')}{problem.message}"
    rest = sum(map(len, repeated[_LINES_OF_A_CODE:])) + len(single) - len(few)
    if rest:
        example = groups[0][0]
        yield example, f"{_prefix(example)}and {rest} more like these; --verbose lists all"


def _prefix(problem: pb.Problem) -> str:
    name, _ = _SEVERITIES.get(problem.severity, ("note", "dim"))
    return f"{name} [{problem.code}] "


def _place(problem: pb.Problem, end: str = "") -> str:
    line = f":{problem.line}" if problem.line else ""
    return f"{problem.source_path}{line}{end}" if problem.source_path else ""


def _print(console: Console, problem: pb.Problem, line: str) -> None:
    _, style = _SEVERITIES.get(problem.severity, ("note", "dim"))
    console.print(line, markup=False, soft_wrap=True, style=style)
