"""The plug-in's modules that import gimpfu, got with a fake one."""

from __future__ import annotations

import sys

import pytest

from tests.gimp210.fake_gimpfu import fakes

FAKES = fakes()

with pytest.MonkeyPatch.context() as _patch:
    _patch.setitem(sys.modules, "gimp", FAKES.gimp)
    _patch.setitem(sys.modules, "gimpfu", FAKES.gimpfu)
    from softlight_gimp210 import commands, jobs, marking, model_store, parameters, plugin, starting

__all__ = ["FAKES", "commands", "jobs", "marking", "model_store", "parameters", "plugin", "starting"]
