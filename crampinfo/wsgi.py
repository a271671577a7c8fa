"""What gunicorn serves: the application, with finished pages around it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crampinfo.settings")
django_application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402  (these need the settings that the line above has loaded)

from crampinfo.site.pagecache import PageCache  # noqa: E402
from crampinfo.site.pagecache.release import release  # noqa: E402

# Read before the workers are made, so that they share it and their first reader does not wait for it.
get_resolver().reverse_dict  # noqa: B018
release()

application = PageCache(django_application)
