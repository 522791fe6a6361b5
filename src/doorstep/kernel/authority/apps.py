from django.apps import AppConfig


class AuthorityConfig(AppConfig):
    name = "doorstep.kernel.authority"
    label = "authority"
