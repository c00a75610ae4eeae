"""Config: the settings of a system by key, from a file, the environment and code.

Knows how Python's values are written as settings. Must never know the keys: the engine has the one table
of them. (One excepted: a program in Python says so in its traces.)
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from motet import _native


def make_config(settings: Mapping[str, object] | None, file: str | os.PathLike[str] | None, environment: bool) -> Any:
    """The engine's configuration: the defaults, then the file, then MOTET_* of the environment, then the settings."""
    config = _native.config_new()
    _native.config_set(config, "system.language", "python")
    if file is not None:
        _native.config_load_file(config, os.fspath(file))
    if environment:
        _native.config_load_environment(config)
    for key, value in (settings or {}).items():
        _native.config_set(config, key, _text(value))
    return config


def settings_of(arguments: list[str]) -> dict[str, str]:
    """The settings among command line arguments of the form --key=value. ValueError names one of another form."""
    settings = {}
    for argument in arguments:
        key, equals, value = argument.removeprefix("--").partition("=")
        if not argument.startswith("--") or not equals or not key:
            raise ValueError(f"argument {argument!r}: --key=value was expected, with a configuration key")
        settings[key] = value
    return settings


def _text(value: object) -> str:
    """A value in the form of settings: on and off, durations with a unit, lists with commas."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, timedelta):
        return f"{round(value.total_seconds() * 1000)}ms"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ",".join(map(_text, value))
    return str(value)
