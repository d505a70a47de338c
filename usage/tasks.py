from celery import shared_task
from django.utils import timezone

from usage.partitions import prepare_partitions


@shared_task
def prepare_usage_partitions() -> None:
    prepare_partitions(timezone.now())
