"""`card` on the terminal: read from a simulated reader, or from pasted text; whom it means is said, nothing is saved."""

import pytest

from app.errors import BadInput
from app.rules import id_number
from app.services.card_reader import ReaderTrouble
from tests.services.reader import Reader, text_block

SEVENTEEN = "36100219560312901"
NUMBER = SEVENTEEN + id_number.check_digit(SEVENTEEN)


def test_a_card_and_whom_it_means(run) -> None:
    person = run("person", "add", "-", stdin={"name": "张建国", "id_number": NUMBER, "division": "361002100201"})["id"]
    device = Reader(text_block(number=NUMBER, valid_to="20200701"))
    try:
        done = run("card", "read", "--port", device.start(), "--wait", "2")
    finally:
        device.stop()
    assert (done["kind"], done["source"], done["values"]["name"]) == ("resident", "读卡", "张建国")
    assert done["warnings"] == ["证件已于 2020-07-01 到期, 请提醒换证。"]
    assert [(one["id"], one["points"]) for one in done["known"]] == [(person, 100)]
    pasted = run("card", "text", "-", stdin=f"姓名: 张建国 身份证号: {NUMBER}")
    assert (pasted["source"], pasted["values"]["birth_date"]) == ("粘贴", "1956-03-12")
    assert run("card", "text", "张建国", "|", NUMBER)["known"] == done["known"]


def test_without_a_reader(run) -> None:
    assert isinstance(run("card", "ports")["ports"], list)
    with pytest.raises(ReaderTrouble, match="没有找到读卡器"):
        run("card", "read", "--port", "/dev/nothing-of-this-name")
    for wrong in (["card", "read", "--wait", "x"], ["card", "text", "张建国"]):
        with pytest.raises(BadInput):
            run(*wrong)
