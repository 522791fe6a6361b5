from django.apps import AppConfig


class AuthorityConfig(AppConfig):
    name = "doorstep.kernel.authority"
    label = "authority"

    def ready(self) -> None:
        from doorstep.kernel.audit.directory import Accounts, use_accounts
        from doorstep.kernel.authority import erasure, own_data, selectors  # noqa: F401  declare what belongs to a person

        use_accounts(Accounts(selectors.names_of, selectors.usernames_of, selectors.acts_of))
