from django.apps import AppConfig


class DoorwayConfig(AppConfig):
    name = "doorstep.surfaces.doorway"
    label = "doorway"

    def ready(self) -> None:
        from doorstep.kernel.web.frame.installing import KeptPage, declare_kept_page

        # declared by being imported: what goes with a person, and to what signing in by phone asks consent
        from doorstep.surfaces.doorway import erasure, services_sign_in  # noqa: F401  as said above

        declare_kept_page(KeptPage("/report/kept/", under=("/report/",), at=("/",)))
