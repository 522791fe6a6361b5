"""Entry point of the web server."""

import os

from django.core.wsgi import get_wsgi_application

from doorstep.launch.processes import end_with_parent

if os.environ.get("DOORSTEP_SUPERVISED"):
    end_with_parent()  # the server's own processes end with it too, so that its port is free again
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doorstep.config.settings")
application = get_wsgi_application()
