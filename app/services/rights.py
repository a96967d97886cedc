"""One door for rights: whether this person may do this act on this record."""

from collections.abc import Mapping
from typing import Final

from app.errors import Refused
from app.models.base import Synced
from app.services.station import Station

ROLES: Final[Mapping[str, frozenset[str]]] = {
    "clerk": frozenset({"read", "write", "print", "import", "exchange", "export", "backup"}),
    "reviewer": frozenset(
        {"read", "write", "print", "review", "decide", "exchange", "export", "disclose", "backup", "settle"}
    ),
    "administrator": frozenset(
        {"read", "staff", "node", "policy", "division", "backup", "restore", "exchange", "settle", "erase"}
    ),
}
"""What each role may do; a person may hold several roles. Data, not code: `may` only looks it up."""

ACTS: Final[Mapping[str, str]] = {
    "read": "查看",
    "write": "登记和修改",
    "print": "打印",
    "import": "导入名单",
    "exchange": "上报与接收",
    "export": "导出",
    "disclose": "导出完整的证件号码和电话",
    "backup": "备份",
    "restore": "恢复备份",
    "review": "审核",
    "decide": "审批",
    "settle": "核对两边不同的内容",
    "staff": "管理人员账号",
    "node": "开通下级单位",
    "policy": "修改政策参数",
    "division": "维护区划",
    "erase": "依法删除",
}


def may(roles: tuple[str, ...], act: str, record: Synced | None = None) -> bool:
    """Whether somebody with these roles may do an act (a key of ACTS), on a record if one is named."""
    if record is not None and record.deleted and act not in ("read", "settle"):
        return False
    return any(act in ROLES.get(role, ()) for role in roles)


def demand(station: Station, act: str, record: Synced | None = None) -> None:
    """Refuse in words what the person at the desk may not do."""
    if not may(station.roles, act, record):
        raise Refused(f"您的岗位不能{ACTS[act]}。没有改动任何数据。请找本单位有此权限的同事。")
