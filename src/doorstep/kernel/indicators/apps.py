from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "doorstep.kernel.indicators"
    label = "indicators"
