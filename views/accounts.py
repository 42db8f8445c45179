"""账号: a company's administrator looks after its accounts, the platform's after all."""

from typing import ClassVar

from app.permissions import COMPANY_ADMIN
from models.account import Account
from models.viewer import ADMIN
from models.workflow import roles
from views.base import RecordView

KEEPERS = roles(COMPANY_ADMIN, ADMIN)


class AccountView(RecordView):
    """One account a row."""

    model = Account
    route_base = "/accounts"
    menu_label = "账号"
    menu_category = "单位与账号"
    menu_icon = "fa-user"
    list_title = "账号"
    add_title = "新增账号"
    edit_title = "修改账号"
    add_label = "邀请成员"
    opens: ClassVar = {"list": KEEPERS, "show": KEEPERS, "export": KEEPERS, "do": KEEPERS, "add": KEEPERS,
                       "edit": KEEPERS}
    menu_roles = KEEPERS
    exclude_route_methods: ClassVar = {"pick", "explanation", "file", "bulk"}
    list_columns = ("username", "name", "phone", "organisation_id", "prepares", "reviews", "administers", "state")
    main_column = "name"
    search_boxes = ("username", "name")
    form_parts: ClassVar = (("账号信息", ("username", "name", "phone", "prepares", "reviews", "administers")),)
