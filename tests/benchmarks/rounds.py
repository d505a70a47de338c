"""Interleaved rounds: every target once, then every target again, so that a noisy minute hits all of them."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence

from tests.benchmarks.target import Target

# What one round on one target measured, by name.
Sample = Mapping[str, float]
# By target, the median of each measured number.
Medians = dict[str, dict[str, float]]


def interleaved(targets: Sequence[Target], measure: Callable[[Target], Sample], *, rounds: int) -> Medians:
    samples: dict[str, list[Sample]] = {target.name: [] for target in targets}
    for _ in range(rounds):
        for target in targets:
            samples[target.name].append(measure(target))
    return {name: medians(found) for name, found in samples.items()}


def medians(samples: Iterable[Sample]) -> dict[str, float]:
    found = list(samples)
    names = {name: None for sample in found for name in sample}
    return {name: statistics.median([sample[name] for sample in found if name in sample]) for name in names}


def cpu_of(target: Target) -> dict[str, float]:
    """CPU seconds so far: of the target itself under "", of its helpers under their names."""
    own = {} if target.running is None else {"": target.running.cpu_seconds()}
    return own | {name: helper.cpu_seconds() for name, helper in target.helpers.items()}


def cpu_between(before: Mapping[str, float], after: Mapping[str, float], *, per: float) -> dict[str, float]:
    """CPU seconds for each `per`, named "cpu", or "cpu of <helper>"."""
    return {
        (f"cpu of {name}" if name else "cpu"): (after[name] - start) / per for name, start in before.items() if per > 0
    }
