from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    name = "doorstep.demo"
    label = "demo"

    def ready(self) -> None:
        from doorstep.kernel.authority.demo_cast import call_without_post

        call_without_post({"member": _("在职党员（家在这里，单位在别处）")})
