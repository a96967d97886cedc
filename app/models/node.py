"""Units of the chain: nodes with their level, scope and keys; enrolment makes them, parents sign them."""

from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.models.base import Base, Synced
from app.models.fields import column


class Node(Synced, Base):
    """A station or bureau. Signed by its parent; the top signs itself."""

    __tablename__ = "node"
    noun: ClassVar[str] = "单位"
    scope: ClassVar[str] = "downward"
    authority: ClassVar[bool] = True

    name: Mapped[str] = column("单位名称", required=True)
    level: Mapped[str] = column("级别", "code", codes="level", required=True)
    parent: Mapped[str | None] = column("上级单位", "record", target="node")
    scopes: Mapped[str] = column("管辖范围", help="区划代码前缀, 逗号分开", required=True)
    sign_key: Mapped[bytes | None] = column("签名公钥", "bytes", internal=True)
    seal_key: Mapped[str | None] = column("加密公钥", internal=True)
    status: Mapped[str] = column("状态", "code", codes="node_status")
    former: Mapped[str | None] = column("原单位编号", internal=True, help="加入上级前自己用的编号, 逗号分开")
    last_position: Mapped[str | None] = column("停用前收到的位置", internal=True)
    former_keys: Mapped[bytes | None] = column("用过的钥匙", "bytes", internal=True)
    credential: Mapped[bytes | None] = column("上级凭证", "bytes", internal=True)
    recovery: Mapped[str | None] = column("备用钥匙", internal=True, help="公开的一半; 另一半印在纸上, 由两人保管")
    escrow: Mapped[bytes | None] = column("密封的钥匙", "bytes", internal=True)
    custodians: Mapped[str | None] = column("备用钥匙保管人", internal=True)


class Staff(Synced, Base):
    """Somebody who works at a desk; the password itself lies only in the key file."""

    __tablename__ = "staff"
    noun: ClassVar[str] = "工作人员"

    name: Mapped[str] = column("姓名", "name", required=True)
    roles: Mapped[str] = column(
        "岗位", "code", codes="role", help="clerk 经办, reviewer 审核, administrator 管理; 逗号分开"
    )
    node: Mapped[str] = column("所在单位", "record", target="node", internal=True)
    phone: Mapped[str | None] = column("电话", "phone")
    status: Mapped[str] = column("状态", "code", codes="staff_status")


class Division(Synced, Base):
    """A place of the national list or a village of the bureau's area, with its days of effect."""

    __tablename__ = "division"
    noun: ClassVar[str] = "区划"
    scope: ClassVar[str] = "downward"

    code: Mapped[str] = column("区划代码", "division", required=True, index=True)
    name: Mapped[str] = column("名称", required=True)
    kind: Mapped[str | None] = column("类型", "code", codes="division_kind")
    starts: Mapped[str | None] = column("启用日期", "day")
    ends: Mapped[str | None] = column("停用日期", "day")
    alias_of: Mapped[str | None] = column("现代码", "division")


class CodeList(Synced, Base):
    """One code of one list that a bureau adds or renames."""

    __tablename__ = "code_list"
    noun: ClassVar[str] = "代码表"
    scope: ClassVar[str] = "downward"
    authority: ClassVar[bool] = True

    list: Mapped[str] = column("代码表", required=True)
    code: Mapped[str] = column("代码", required=True)
    label: Mapped[str] = column("名称", required=True)
    starts: Mapped[str | None] = column("启用日期", "day")
    ends: Mapped[str | None] = column("停用日期", "day")


class Policy(Synced, Base):
    """A rule as data: steps and limits, standards, delegations; with the day it takes effect."""

    __tablename__ = "policy"
    noun: ClassVar[str] = "政策参数"
    scope: ClassVar[str] = "downward"
    authority: ClassVar[bool] = True

    name: Mapped[str] = column("名称", required=True)
    starts: Mapped[str] = column("生效日期", "day", required=True)
    value: Mapped[str] = column("内容", "long", help="JSON", required=True)
    basis: Mapped[str | None] = column("依据文件")


class Refusal(Synced, Base):
    """A group of another node left out by its superior, with the reason: to the author, and to all below the author."""

    __tablename__ = "refusal"
    noun: ClassVar[str] = "退回修改"
    scope: ClassVar[str] = "downward"
    authority: ClassVar[bool] = True

    node: Mapped[str] = column("填报单位", "record", target="node")
    incarnation: Mapped[int] = column("期次", "integer")
    position: Mapped[int] = column("序号", "integer")
    group_hash: Mapped[bytes] = column("内容指纹", "bytes")
    act: Mapped[str] = column("事项")
    reason: Mapped[str] = column("原因", "long")


class Replacement(Synced, Base):
    """The author's own word that groups of his are replaced (修改后重报) or dropped (放弃)."""

    __tablename__ = "replacement"
    noun: ClassVar[str] = "重报记录"
    scope: ClassVar[str] = "downward"
    authority: ClassVar[bool] = True

    node: Mapped[str] = column("填报单位", "record", target="node")
    incarnation: Mapped[int] = column("期次", "integer")
    position: Mapped[int] = column("序号", "integer")
    group_hash: Mapped[bytes] = column("内容指纹", "bytes")
    dropped: Mapped[bool] = column("放弃", "flag")
