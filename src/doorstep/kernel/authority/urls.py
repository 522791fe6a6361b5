"""Addresses of signing in and of one's own account. Only these of django-allauth are served."""

from allauth.account import views as account
from django.urls import include, path

from doorstep.kernel.authority import views, views_account, views_admin, views_tokens

urlpatterns = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("sign-in/inactive/", account.account_inactive, name="account_inactive"),
    path("sign-in/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", views.has_password(account.password_change), name="account_change_password"),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("account/", views_account.my_account, name="my_account"),
    path("account/data/", views_account.my_data, name="my_data"),
    path("account/consent/", views_account.my_consent, name="my_consent"),
    path("account/phone/", views_account.my_phone, name="my_phone"),
    path("account/keys/", views_tokens.my_keys, name="my_keys"),
    path("account/keys/new/", views_tokens.my_key_create, name="my_key_create"),
    path("account/keys/<int:pk>/stop/", views_tokens.stop_my_key, name="my_key_stop"),
    path("desk/keys/new/", views_tokens.partner_keys, name="partner_key_create"),
    path("desk/keys/<int:pk>/", views_tokens.one_key, name="key_security"),
    path("desk/accounts/new/", views_admin.create, name="account_create"),
    path("desk/accounts/<int:pk>/", views_admin.security, name="account_security"),
    path("demo/", views.demo_cast, name="demo_cast"),
    path("demo/sign-in/", views.demo_sign_in, name="demo_sign_in"),
]
