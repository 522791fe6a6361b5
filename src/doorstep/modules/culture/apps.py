from django.apps import AppConfig


class CultureConfig(AppConfig):
    name = "doorstep.modules.culture"
    label = "culture"
