from django.apps import AppConfig


class ChainConfig(AppConfig):
    name = "doorstep.modules.chain"
    label = "chain"
