"""Settings: one frozen value from the environment, and every fault in one error."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multieip.errors import SettingsError
from multieip.settings import Settings


def test_an_empty_environment_gives_the_defaults() -> None:
    """Nothing has to be set."""
    assert Settings.read({}) == Settings()


def test_the_functions_own_region_holds_where_none_is_set() -> None:
    """Function Compute says where it runs; a setting of ours is stronger."""
    assert Settings.read({"FC_REGION": "cn-beijing"}).region == "cn-beijing"
    assert (
        Settings.read({"FC_REGION": "cn-beijing", "MULTI_EIP_REGION": "cn-shanghai"}).region == "cn-shanghai"
    )


def test_an_empty_value_means_the_default() -> None:
    """A deployment tool that sets every name must not break what has a default."""
    assert Settings.read({"MULTI_EIP_SETTLE_SECONDS": "", "MULTI_EIP_TAG_PREFIX": ""}) == Settings()


def test_every_kind_of_value_is_read() -> None:
    """Texts, seconds, counts, yes and no, lists."""
    settings = Settings.read(
        {
            "MULTI_EIP_ENDPOINT": "http://127.0.0.1:8000",
            "MULTI_EIP_SETTLE_SECONDS": "7.5",
            "MULTI_EIP_MAX_TURNS": "0",
            "MULTI_EIP_BIND_WHILE_ATTACHED": "YES",
            "MULTI_EIP_SKIP_OWN": "0",
            "MULTI_EIP_EXTRA_REGIONS": "cn-a, cn-b  cn-c",
        }
    )

    assert settings.endpoint == "http://127.0.0.1:8000"
    assert settings.settle_seconds == 7.5
    assert settings.max_turns == 0
    assert settings.bind_while_attached
    assert not settings.skip_own
    assert settings.extra_regions == ("cn-a", "cn-b", "cn-c")


def test_every_fault_is_in_one_error() -> None:
    """One look is enough to mend them all; a name that is no setting is one of them."""
    with pytest.raises(SettingsError) as raised:
        Settings.read(
            {
                "MULTI_EIP_ENDPOINT": "ftp://example.com",
                "MULTI_EIP_MAX_TURNS": "many",
                "MULTI_EIP_SETLE_SECONDS": "5",
                "MULTI_EIP_SKIP_OWN": "perhaps",
                "OTHER": "is not ours",
            }
        )

    assert len(raised.value.faults) == 4
    assert "MULTI_EIP_SETLE_SECONDS is not a setting; the settings are" in str(raised.value)
    for name in ("MULTI_EIP_ENDPOINT", "MULTI_EIP_MAX_TURNS", "MULTI_EIP_SKIP_OWN"):
        assert f"{name}=" in str(raised.value)
    assert "OTHER" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SETTLE_SECONDS", "-1"),
        ("SETTLE_SECONDS", "nan"),
        ("SETTLE_SECONDS", "inf"),
        ("SETTLE_SECONDS", "86401"),
        ("MAX_TURNS", "-1"),
        ("MAX_TURNS", "1.5"),
        ("RULE_PRIORITY", "0"),
        ("RULE_PRIORITY", "32766"),
        ("RULE_PRIORITY", "low"),
        ("TAG_PREFIX", "aliyun:"),
        ("TAG_PREFIX", "acs:mine:"),
        ("TAG_PREFIX", "with blank"),
        ("FUNCTION_PREFIX", "1-starts-with-a-digit"),
        ("ENDPOINT", "127.0.0.1:8000"),
        ("ENDPOINT", "http://host/path"),
        ("ENDPOINT", "http://user@host"),
    ],
)
def test_a_value_out_of_range_is_refused(name: str, value: str) -> None:
    """The error names variable and value."""
    with pytest.raises(SettingsError, match=f"MULTI_EIP_{name}="):
        Settings.read({f"MULTI_EIP_{name}": value})


@given(st.sampled_from([entry.name for entry in fields(Settings)]), st.text(max_size=20))
def test_any_text_is_read_or_refused_as_a_fault_of_the_settings(name: str, value: str) -> None:
    """No value makes the reader fail in a way of its own."""
    variable = f"MULTI_EIP_{name.upper()}"
    told = variable
    try:
        Settings.read({variable: value})
    except SettingsError as error:
        told = str(error)

    assert variable in told


def test_the_table_names_every_setting_with_its_default() -> None:
    """The README is made of it."""
    table = {name: (default, meaning) for name, default, meaning in Settings.table()}

    assert len(table) == len(fields(Settings))
    assert table["MULTI_EIP_SETTLE_SECONDS"][0] == "60"
    assert table["MULTI_EIP_SKIP_OWN"][0] == "true"
    assert table["MULTI_EIP_EXTRA_REGIONS"][0] == ""
    assert all(meaning for _, meaning in table.values())


def test_the_table_can_be_fed_back() -> None:
    """Every default that is shown is a value that the variable takes."""
    assert Settings.read({name: default for name, default, _ in Settings.table()}) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "least"),
    [
        ("DEADLINE_MARGIN_SECONDS", "29", "at least 30"),
        ("FRESH_SECONDS", "11", "at most 10"),
        ("FRESH_SECONDS", "0", "above 0"),
        ("GATHER_SECONDS", "60", "below 60"),
        ("WRITES", "maybe", "on or off"),
    ],
)
def test_what_no_run_could_keep_is_refused_at_the_start(name: str, value: str, least: str) -> None:
    """Issue 8, item 14: margin, age of a look and window are checked before anything is read."""
    with pytest.raises(SettingsError, match=least):
        Settings.read({f"MULTI_EIP_{name}": value})


@pytest.mark.parametrize(
    ("environ", "timeout_s", "faults"),
    [
        ({}, 600.0, 0),
        ({}, 449.0, 1),
        ({"MULTI_EIP_DEADLINE_MARGIN_SECONDS": "200"}, 600.0, 1),
        ({"MULTI_EIP_SETTLE_SECONDS": "3601"}, 600.0, 1),
        ({"MULTI_EIP_SETTLE_SECONDS": "3600"}, 600.0, 0),
    ],
)
def test_settings_are_checked_against_the_functions_timeout(
    environ: dict[str, str], timeout_s: float, faults: int
) -> None:
    """Issue 8, item 14: a detach, the change and the way back fit; so does the settle time."""
    assert len(Settings.read(environ).against_timeout(timeout_s)) == faults
