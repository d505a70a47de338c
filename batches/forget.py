"""Files and batches end: a file when its day has come, a batch 30 days after it ended."""

from datetime import datetime

from django.db.models.functions import Coalesce

from batches.content import KEPT_FOR
from batches.models import Batch, File


def forget_old(*, now: datetime) -> None:
    File.objects.filter(expires_at__lte=now).delete()
    ended = Coalesce("completed_at", "cancelled_at", "expired_at", "failed_at")
    Batch.objects.annotate(ended=ended).filter(ended__lte=now - KEPT_FOR).delete()
