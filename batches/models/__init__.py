"""Files that developers send and fetch, and batches of requests that are answered within a day."""

from batches.models.batch import Batch
from batches.models.batch_line import BatchLine
from batches.models.file import File, FileChunk

__all__ = ["Batch", "BatchLine", "File", "FileChunk"]
