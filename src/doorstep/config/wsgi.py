"""Entry point of the web server."""

import gc
import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from doorstep.launch.processes import end_with_parent

if os.environ.get("DOORSTEP_SUPERVISED"):
    end_with_parent()  # the server's own processes end with it too, so that its port is free again
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doorstep.config.settings")
application = get_wsgi_application()

from doorstep.config.checks import production_has_no_demo_accounts, production_is_safe  # noqa: E402  needs the setup

refusals = [*production_is_safe(None), *production_has_no_demo_accounts(None, databases=["default"])]
if refusals:
    raise ImproperlyConfigured("; ".join(refusal.msg for refusal in refusals))

gc.collect()
gc.freeze()  # what is loaded now stays: no collection looks at it again
