"""When an evaluation fails: a metric is below what is required, or fell against the earlier run by more than chance."""

from collections.abc import Mapping, Sequence

from cli.eval_metrics import Estimate
from services.runtime.errors import shown


def required(options: Sequence[str]) -> dict[str, float]:
    """The least value of each metric, from `METRIC=VALUE` options.

    Raises:
        ValueError: If one is not written like that.
    """
    least = {}
    for option in options:
        name, _, value = option.rpartition("=")
        try:
            least[name.strip()] = float(value)
        except ValueError as error:
            raise ValueError(f"--require wants METRIC=VALUE, not {shown(option)}") from error
    return least


def failures_of(metrics: Mapping[str, Estimate], least: Mapping[str, float]) -> list[str]:
    """The metrics that are below what is required.

    Raises:
        ValueError: If a required metric is not among them.
    """
    if unknown := [name for name in least if name not in metrics]:
        raise ValueError(f"no metric {shown(unknown[0])}; there are: {', '.join(metrics)}")
    return [
        f"{name} is {metrics[name].mean:.3f}, required {value:.3f}"
        for name, value in least.items()
        if metrics[name].mean < value
    ]


def falls(changes: Mapping[str, Estimate]) -> list[str]:
    """The metrics that fell against the earlier run by more than chance."""
    return [
        f"{name} fell by {-change.mean:.3f} [{-change.high:.3f}, {-change.low:.3f}] against the earlier run"
        for name, change in changes.items()
        if change.high < 0
    ]
