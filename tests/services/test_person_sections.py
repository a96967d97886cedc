"""The form in words: every field has its place in it, what is sensitive is masked, units of the forces are not on paper."""

import pytest

from app.errors import Refused
from app.services import field_values
from app.services.households import Households
from app.services.people import LISTS, People
from app.services.person_sections import PLANS, PersonSections
from app.services.station import Station
from tests.services.test_person_file import WHOLE


def test_every_field_and_every_part_has_one_place() -> None:
    fields = [name for plan in PLANS for name in plan.fields]
    assert len(fields) == len(set(fields))
    assert set(fields) == set(field_values.columns_of("person")) - {"household"}
    assert sorted(name for plan in PLANS for name in plan.parts) == sorted(LISTS)
    assert "".join(plan.letter for plan in PLANS) == "ABCDEFGHIJKLMN"
    plaque = {name for plan in PLANS for name in plan.household}
    assert plaque == {name for name in field_values.columns_of("household") if name.startswith("plaque")}


def test_the_form_of_one_person(station: Station) -> None:
    saved = People(station).add(WHOLE | {"phone": "13800138000"})
    Households(station).add({"head": saved.id, "plaque": "已悬挂", "plaque_hung": "2019-07"})
    found = {section.letter: section for section in PersonSections(station).of(saved.id)}
    assert ("户籍地", "江西省抚州市临川区上顿渡镇石鼓村委会") in found["A"].lines
    assert ("手机", "138****8000") in found["B"].lines
    assert found["E"].lines == (("劳动能力", "(已遮盖)"), ("生活能力", "(已遮盖)"))
    assert found["L"].lines == (("光荣牌", "已悬挂"), ("悬挂时间", "2019-07"))
    assert [noun for noun, _ in found["H"].blocks] == ["服役情况", "参战参试", "奖励处分"]
    assert ("安置方式", "自主就业") in found["I"].blocks[0][1]
    assert [section.letter for section in found.values() if section.empty] == []
    full = {section.letter: section for section in PersonSections(station).of(saved.id, full=True)}
    assert ("劳动能力", "部分丧失") in full["E"].lines
    assert ("部队番号", "某部") in full["H"].blocks[0][1]
    paper = {section.letter: section for section in PersonSections(station).of(saved.id, full=True, paper=True)}
    words = [line for section in paper.values() for _, block in section.blocks for line in block]
    assert not [line for line in words if "某部" in line[1]]
    assert ("安置方式", "自主就业") in words


def test_nobody_there(station: Station) -> None:
    with pytest.raises(Refused):
        PersonSections(station).of("0" * 32)
