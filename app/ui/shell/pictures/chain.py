"""Pictures of the exchange: a village and its township, a stick between them, a question, something sent back."""

from pathlib import Path

from app.services import sights
from app.ui.shell.pictures import desks
from app.ui.shell.pictures.taking import Stage


def shoot_village(stage: Stage, stick: Path) -> None:
    """The lower desk: what waits, what both have entered, what came back."""
    desks.plug_in(stick)
    stage.go("today")
    stage.show("chain-today", "工作台: 有下级上级往来的事")
    stage.go("exchange", "send")
    stage.show("exchange-waiting", "上报: 有要上报的")
    stage.press("exchange.send")
    banner = stage.page.send.banner
    banner.say(banner.text().replace(f"{stick}/", "E:\\"), "good")
    stage.settle()
    stage.show("exchange-sent", "上报: 已生成")
    stage.go("exchange", "take")
    stage.show("exchange-own", "接收上级回包: 本站自己的包")
    stage.page.tabs.setCurrentIndex(3)
    stage.settle()
    stage.show("exchange-record-full", "收发记录: 有内容")
    stage.go("differences")
    stage.show("differences-question", "两边填的不一样: 一个问题")
    stage.press("differences.next")
    stage.show("differences-above", "两边填的不一样: 由上级定")
    stage.go("returned")
    stage.show("returned-item", "退回修改: 有一件")
    stage.go("person", sights.first(stage.window.desk.station, "person") or "")
    stage.show("person-contested", "服务对象: 两边填的不一样")


def shoot_township(stage: Stage, stick: Path) -> None:
    """The upper desk: taking with 先核对, the answer on the same stick, the units below, opening one."""
    desks.plug_in(stick)
    stage.go("today")
    stage.show("township-today", "工作台: 乡镇")
    stage.go("exchange", "take")
    stage.show("take-found", "接收: U 盘上的包")
    stage.press("exchange.rehearse")
    stage.show("take-rehearsed", "接收: 先核对")
    stage.press("exchange.take")
    stage.show("take-taken", "接收: 已入库, 回包已写")
    stage.page.tabs.setCurrentIndex(2)
    stage.settle()
    stage.show("below", "下级单位")
    stage.go("exchange", "enrol")
    stage.show("enrol", "开通下级单位")
    stage.close_all()
    stage.go("people")
    stage.show("township-people", "人员: 乡镇")
    stage.go("cases", "mine")
    stage.show("township-cases", "帮扶: 乡镇")


def shoot_back(stage: Stage, stick: Path) -> None:
    """The lower desk again: the answer on the stick, and what has become of the record."""
    desks.plug_in(stick)
    stage.go("exchange", "take")
    stage.show("back-found", "接收上级回包: 有回包")
    stage.press("exchange.take")
    stage.show("back-taken", "接收上级回包: 已入库")
    stage.go("people")
    stage.show("people-received", "人员: 镇站已收")
