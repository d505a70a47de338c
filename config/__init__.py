"""Settings, URLs and the Celery application: imports everything, nothing imports it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
