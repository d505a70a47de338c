"""Batches as the portal's pages show them: what they have done so far, and their files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from batches.figures import Figures, figures_of
from batches.models import Batch, File


@dataclass(frozen=True, slots=True)
class BatchRow:
    batch: Batch
    figures: Figures

    @property
    def failed(self) -> int:
        """Lines that have ended without an answer: errors, and what was cancelled or expired."""
        return self.figures.total - self.figures.succeeded - self.figures.open


def batch_rows(batches: Iterable[Batch]) -> Sequence[BatchRow]:
    batches = list(batches)
    figures = figures_of(*batches)
    return [BatchRow(batch, figures[batch]) for batch in batches]


def files_of(batch: Batch, *, at: datetime) -> Sequence[tuple[str, File]]:
    """Answer the batch's files that are still kept, each with what it holds."""
    return [(title, file) for title, file in _all_files(batch) if not (file.expires_at and file.expires_at <= at)]


def _all_files(batch: Batch) -> Iterator[tuple[str, File]]:
    named = (("Requests", batch.input_file), ("Answers", batch.output_file), ("Errors", batch.error_file))
    return ((title, file) for title, file in named if file is not None)
