"""What surrounds the filters: New brush mask, Re-run, Bake, Models."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from gi.repository import Gimp, GObject

from softlight_bridge.client import Engine
from softlight_bridge.specifications import Filter
from softlight_bridge.translation import _, pgettext
from softlight_gimp import answers, arguments, baking, brush_mask, filters, places, records, results
from softlight_gimp.jobs import Task
from softlight_gimp.refusals import Refusal, WrongArgument

Create = Callable[[Gimp.PlugIn, tuple[Filter, ...], str], Gimp.ImageProcedure]
NEW_BRUSH_MASK = "plug-in-softlight-new-brush-mask"
RUN_AGAIN = "plug-in-softlight-rerun"
BAKE = "plug-in-softlight-bake"
MODELS = "plug-in-softlight-models"
SETTINGS = "settings"


def new_brush_mask(plug_in: Gimp.PlugIn, known: tuple[Filter, ...], folder: str) -> Gimp.ImageProcedure:
    """Make the procedure that adds a layer to paint on, or shows the one that is there."""

    def work(image: Gimp.Image, drawables: list[Gimp.Drawable]) -> Gimp.Layer:
        painted = brush_mask.brush_masks(image.get_layers())
        if painted:
            layer = brush_mask.show_again(image, painted[0])
        else:
            place = places.place_of_brush_mask(image, drawables)
            layer = brush_mask.add_brush_mask(image, place.parent, place.position)
        Gimp.displays_flush()
        return layer

    return _simple(
        plug_in,
        NEW_BRUSH_MASK,
        pgettext("menu", "_New brush mask"),
        _("Add a layer to paint on: filters of Softlight work where it is painted, in any colour."),
        work,
    )


def bake(plug_in: Gimp.PlugIn, known: tuple[Filter, ...], folder: str) -> Gimp.ImageProcedure:
    """Make the procedure that turns a result into one normal layer."""

    def work(image: Gimp.Image, drawables: list[Gimp.Drawable]) -> Gimp.Layer:
        layer = baking.bake(image, _result(drawables))
        Gimp.displays_flush()
        return layer

    return _simple(
        plug_in,
        BAKE,
        pgettext("menu", "_Bake into a normal layer"),
        _(
            "Turn the selected group of Softlight into one normal layer that shows the same, for programs "
            "that do not know this soft light."
        ),
        work,
    )


def run_again(plug_in: Gimp.PlugIn, known: tuple[Filter, ...], folder: str) -> Gimp.ImageProcedure:
    """Make the procedure that runs the filter of a group anew and replaces the group."""

    def run(
        procedure: Gimp.Procedure,
        run_mode: Gimp.RunMode,
        image: Gimp.Image,
        drawables: list[Gimp.Drawable],
        config: Gimp.ProcedureConfig,
        data: object,
    ) -> Gimp.ValueArray:
        def work() -> Gimp.Layer | None:
            group = _result(drawables)
            places.check_unlocked(group)
            record = results.read(group)
            described = _filter_of(record, known)
            own = Gimp.get_pdb().lookup_procedure(filters.procedure_name(described))
            if own is None:
                raise Refusal(f"GIMP does not know {described.label} yet; start GIMP again.")
            values = own.create_config()
            arguments.put_settings(values, described, record.settings)
            values.set_property(arguments.INPUT, record.input)
            if run_mode != Gimp.RunMode.INTERACTIVE:
                _change(values, described, config.get_property(SETTINGS))

            def task() -> Task:
                return Task(
                    image=image,
                    drawables=tuple(drawables),
                    filter=described,
                    settings=arguments.settings_of(values, described),
                    input=values.get_property(arguments.INPUT),
                    mask=values.get_property(arguments.MASK),
                    replaced=group,
                )

            return answers.run_filter(own, run_mode, values, described, task, folder)

        return answers.answered(procedure, work)

    procedure = Gimp.ImageProcedure.new(plug_in, RUN_AGAIN, Gimp.PDBProcType.PLUGIN, run, None)
    filters.dress(
        procedure,
        pgettext("menu", "_Re-run…"),
        _(
            "Run the filter of the selected Softlight group again, with other settings, and replace "
            "the group."
        ),
    )
    procedure.add_string_argument(
        SETTINGS,
        pgettext("label", "_Changed settings"),
        _(
            'For scripts: a JSON object of settings to change, such as {"strength": 0.5}; '
            "the rest is as stored"
        ),
        "",
        GObject.ParamFlags.READWRITE,
    )
    answers.add_group_return_value(procedure)
    return procedure


def models(plug_in: Gimp.PlugIn, known: tuple[Filter, ...], folder: str) -> Gimp.ImageProcedure:
    """Make the procedure that shows which models there are, and downloads, imports and chooses them."""

    def run(
        procedure: Gimp.Procedure,
        run_mode: Gimp.RunMode,
        image: Gimp.Image | None,
        drawables: list[Gimp.Drawable],
        config: Gimp.ProcedureConfig,
        data: object,
    ) -> Gimp.ValueArray:
        def work() -> None:
            if run_mode != Gimp.RunMode.INTERACTIVE:
                raise WrongArgument("This is a dialog; scripts call the command 'softlight models'.")
            from softlight_gimp import models_dialog

            models_dialog.run(Engine.beside(folder, f"GIMP {Gimp.version()}"))

        return answers.answered(procedure, work)

    procedure = Gimp.ImageProcedure.new(plug_in, MODELS, Gimp.PDBProcType.PLUGIN, run, None)
    filters.dress(
        procedure,
        pgettext("menu", "_Models…"),
        _("See which models there are, and download, import, choose or remove one."),
    )
    procedure.set_image_types("*")
    procedure.set_sensitivity_mask(filters.EVERY_SELECTION | Gimp.ProcedureSensitivityMask.NO_IMAGE)
    return procedure


COMMANDS: Mapping[str, Create] = {
    NEW_BRUSH_MASK: new_brush_mask,
    RUN_AGAIN: run_again,
    BAKE: bake,
    MODELS: models,
}
"""In the order of the menu."""


def _simple(
    plug_in: Gimp.PlugIn,
    name: str,
    label: str,
    text: str,
    work: Callable[[Gimp.Image, list[Gimp.Drawable]], Gimp.Layer],
) -> Gimp.ImageProcedure:
    """Make a procedure without arguments of its own."""

    def run(
        procedure: Gimp.Procedure,
        run_mode: Gimp.RunMode,
        image: Gimp.Image,
        drawables: list[Gimp.Drawable],
        config: Gimp.ProcedureConfig,
        data: object,
    ) -> Gimp.ValueArray:
        return answers.answered(procedure, lambda: work(image, drawables))

    procedure = Gimp.ImageProcedure.new(plug_in, name, Gimp.PDBProcType.PLUGIN, run, None)
    filters.dress(procedure, label, text)
    answers.add_group_return_value(procedure)
    return procedure


def _result(drawables: list[Gimp.Drawable]) -> Gimp.GroupLayer:
    """Return the one group of ours that is selected, or that the selected layers lie in."""
    enclosing = [results.enclosing_result(item) for item in drawables]
    found = {group for group in enclosing if group is not None}
    if len(found) > 1:
        raise Refusal("Several groups of Softlight are selected; select one of them.")
    if not found:
        raise Refusal(
            "No group of Softlight is selected; select the group that a filter made, or a layer in it."
        )
    return found.pop()


def _filter_of(record: records.Record, known: tuple[Filter, ...]) -> Filter:
    for described in known:
        if described.name == record.settings["filter"]:
            return described
    raise Refusal(
        f"This group was made by the filter '{record.settings['filter']}', which this version of Softlight "
        "does not have; update Softlight to run it again."
    )


def _change(values: Gimp.ProcedureConfig, described: Filter, text: str) -> None:
    """Change the settings that a script names."""
    try:
        changed: Any = json.loads(text or "{}")
    except ValueError as error:
        raise WrongArgument(f"'{SETTINGS}' is no JSON object: {error}.") from error
    known = {parameter.name: parameter for parameter in described.parameters}
    if not isinstance(changed, dict) or not set(changed) <= set(known):
        raise WrongArgument(f"'{SETTINGS}' takes a JSON object of these settings: {', '.join(known)}.")
    for name, value in changed.items():
        if not arguments.fits(known[name], value):
            raise WrongArgument(f"'{SETTINGS}' has no value for '{name}' that it takes: {json.dumps(value)}.")
    arguments.put_settings(values, described, changed)
