import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_whole = get_wsgi_application()

from portal.short_path import with_short_paths  # noqa: E402 - The views need the settings.

application = with_short_paths(_whole)
