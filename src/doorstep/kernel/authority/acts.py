"""Words for what is done to accounts."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts

name_acts(
    {
        "authority.create_account": _("建立账号"),
        "authority.deactivate": _("停用账号"),
        "authority.reactivate": _("恢复账号"),
        "authority.reset_password": _("重置密码"),
        "authority.unlock": _("解除锁定"),
        "authority.change_password": _("修改密码"),
        "authority.sign_in": _("登录"),
        "authority.sign_out": _("退出登录"),
        "authority.sign_in_failed": _("登录失败"),
        "authority.make_token": _("建立接口密钥"),
        "authority.revoke_token": _("停用接口密钥"),
    }
)
