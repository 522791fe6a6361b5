from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "doorstep.kernel.proposals"
    label = "proposals"
