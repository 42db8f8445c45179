"""The regions of Hainan and their parks."""

import pytest

from models.rules.regions import PROVINCE, REGIONS, choices, full_name, name, path, within

PARKS = {
    "洋浦经济开发区": "460400",
    "江东新区": "460100",
    "博鳌乐城国际医疗旅游先行区": "469002",
    "崖州湾科技城": "460200",
}
DISTRICTS = {"460100": 4, "460200": 4, "460300": 2}


def test_the_table_holds_the_whole_province():
    national = [code for code in REGIONS if code.isdigit()]
    cities = [code for code in national if REGIONS[code].parent == PROVINCE]
    assert len(cities) == 19
    assert len(national) == 1 + 19 + 10
    assert {region.name for region in REGIONS.values() if not region.code.isdigit()} == set(PARKS)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("460106", "龙华区"),
        ("460205", "崖州区"),
        ("460400", "儋州市"),
        ("469023", "澄迈县"),
        ("469030", "琼中黎族苗族自治县"),
    ],
)
def test_codes_have_their_national_names(code, says):
    assert name(code) == says


def test_parks_have_parents_and_codes_that_no_national_code_can_clash_with():
    parks = [region for region in REGIONS.values() if region.name in PARKS]
    assert {park.name: park.parent for park in parks} == PARKS
    assert all(len(park.code) == 6 and "P" in park.code for park in parks)


def test_every_region_but_the_province_stands_after_its_parent():
    seen = set()
    for region in REGIONS.values():
        assert region.parent in seen or (region.code, region.parent) == (PROVINCE, None)
        seen.add(region.code)


def test_the_province_holds_everything():
    assert within(PROVINCE) == frozenset(REGIONS)


@pytest.mark.parametrize(("city", "count"), DISTRICTS.items())
def test_a_city_holds_itself_its_districts_and_its_parks(city, count):
    parks = sum(parent == city for parent in PARKS.values())
    assert city in within(city)
    assert len(within(city)) == 1 + count + parks


def test_a_district_holds_only_itself_and_cities_share_nothing():
    assert within("460106") == {"460106"}
    assert within("4601P1") == {"4601P1"}
    cities = [code for code, region in REGIONS.items() if region.parent == PROVINCE]
    assert sum(len(within(city)) for city in cities) == len(REGIONS) - 1


def test_an_unknown_code_holds_nothing_and_is_shown_as_it_is():
    assert within("110000") == within("") == within("46") == frozenset()
    assert (name("110000"), full_name("110000"), path("110000")) == ("110000", "110000", ())


def test_a_path_leads_from_the_province_down():
    assert path("460106") == ("海南省", "海口市", "龙华区")
    assert path(PROVINCE) == ("海南省",)
    assert full_name("4690P1") == "海南省琼海市博鳌乐城国际医疗旅游先行区"


def test_choices_name_the_city_before_its_district_and_leave_the_province_to_those_who_ask():
    shown = dict(choices())
    assert PROVINCE not in shown and len(shown) == len(REGIONS) - 1
    assert (shown["460100"], shown["460106"]) == ("海口市", "海口市 / 龙华区")
    assert choices(with_province=True)[0] == (PROVINCE, "海南省")
    labels = [label for _, label in choices()]
    assert labels.index("海口市 / 江东新区") < labels.index("三亚市")
