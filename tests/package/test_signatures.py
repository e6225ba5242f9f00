"""What the public names say of themselves: their types, and the defaults that `help` shows."""

from __future__ import annotations

import datetime as dt
import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any, Generic, TypedDict, TypeVar, Unpack

import pytest
from hypothesis.strategies import SearchStrategy

import store_uptime
import store_uptime.spark
import store_uptime.testing
from store_uptime import Inputs, Policy, Window

MODULES = [store_uptime, store_uptime.spark, store_uptime.testing]
# Spark's frame and Hypothesis's strategy have their names for type checkers only: the packages may
# not be there.
CHECKERS_ONLY = {"DataFrame": object, "SearchStrategy": SearchStrategy}


def public_names(module: ModuleType) -> dict[str, object]:
    return {f"{module.__name__}.{name}": getattr(module, name) for name in module.__all__}


PUBLIC = {name: value for module in MODULES for name, value in public_names(module).items()}
CALLABLE = {name: value for name, value in PUBLIC.items() if callable(value)}


def is_ours(given: object) -> bool:
    return (getattr(given, "__module__", None) or "").startswith("store_uptime")


def annotated(name: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield what carries annotations of a public function or class, by name."""
    yield name, value
    for cls in filter(is_ours, value.__mro__ if isinstance(value, type) else ()):
        for member, held in vars(cls).items():
            found = getattr(held, "fget", getattr(held, "__func__", held))
            is_public = member in ("__init__", "__new__") or not member.startswith("_")
            if is_public and isinstance(found, FunctionType):
                yield f"{name}.{member}", found


def says_any(kind: object) -> bool:
    """Return whether a type is `Any`, or has it anywhere inside."""
    if isinstance(kind, (list, tuple)):
        return any(map(says_any, kind))
    if typing.is_typeddict(kind):
        return says_any(list(typing.get_type_hints(kind).values()))
    return kind is Any or says_any(typing.get_args(kind))


def hints(value: object) -> dict[str, object]:
    return typing.get_type_hints(value, localns=CHECKERS_ONLY)


@pytest.mark.parametrize("name", CALLABLE)
def test_no_public_name_says_any(name: str) -> None:
    for place, found in annotated(name, CALLABLE[name]):
        assert not {each for each, kind in hints(found).items() if says_any(kind)}, place


@pytest.mark.parametrize("name", CALLABLE)
def test_every_parameter_and_every_result_has_a_type(name: str) -> None:
    for place, found in annotated(name, CALLABLE[name]):
        if isinstance(found, FunctionType):
            own = set(inspect.signature(found).parameters) - {"self", "cls"}
            assert hints(found).keys() >= own | {"return"}, place


def test_the_two_tests_above_look_at_functions_methods_properties_and_fields() -> None:
    looked_at = {place for name, value in CALLABLE.items() for place, _ in annotated(name, value)}
    assert looked_at >= {
        "store_uptime.compute_report",
        "store_uptime.spark.compute_report",
        "store_uptime.Policy.__init__",
        "store_uptime.Policy.for_changes",
        "store_uptime.Inputs.__new__",
        "store_uptime.Inputs.status",
        "store_uptime.SchemaError.text",
        "store_uptime.CoverageWarning.is_due",
    }
    assert {"extra", "now"} <= hints(Inputs).keys()


def test_any_is_found_wherever_it_hides() -> None:
    held = TypeVar("held")

    class Options(TypedDict):
        deep: list[Any]

    class Box(Generic[held]): ...

    bad: list[object] = [Any, list[Any], Any | None, Mapping[str, tuple[Any, ...]], Box[Any]]
    bad += [Callable[[Any], int], Callable[[], Any], Unpack[Options]]
    good: list[object] = [object, None, Callable[[int], object], Callable[..., int], Box[int]]
    assert [says_any(kind) for kind in bad + good] == [True] * len(bad) + [False] * len(good)


@pytest.mark.parametrize("name", CALLABLE)
def test_defaults_in_help_are_short_and_read_as_python(name: str) -> None:
    namespace = {**vars(store_uptime), "datetime": dt}
    for parameter in inspect.signature(CALLABLE[name]).parameters.values():
        if parameter.default is not inspect.Parameter.empty:
            shown = repr(parameter.default)
            assert len(shown) < 100, shown
            assert eval(shown, namespace) == parameter.default  # noqa: S307  # our own


def test_help_says_the_defaults_of_a_report_in_few_words() -> None:
    shown = str(inspect.signature(store_uptime.compute_report))
    windows = "{'last_hour': Window('1h', unit='minutes'), 'last_day': Window('1d'), 'last_week': Window('7d')}"
    assert f" = {windows}, policy: 'Policy' = Policy(), " in shown
    assert "status: 'AnyPolls', hours: 'AnyTable | None' = None, " in shown
    assert "max_gap: 'dt.timedelta | str | None' = datetime.timedelta(days=1), " in str(
        inspect.signature(Policy)
    )
    assert str(inspect.signature(Window)).endswith("unit: 'Unit' = 'hours') -> 'None'")
