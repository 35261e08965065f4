"""A procedure for each filter: Filters > Softlight > De-wrinkle, and so on."""

from __future__ import annotations

from gi.repository import Gimp

from softlight_bridge.specifications import Filter
from softlight_gimp import answers, arguments
from softlight_gimp.jobs import Task
from softlight_gimp.mnemonics import in_menu

MENU = "<Image>/Filters/Softlight"
IMAGE_TYPES = "RGB*, GRAY*"
"""Indexed images have no skin tones to work on: the menu entries are grey there."""
EVERY_SELECTION = (
    Gimp.ProcedureSensitivityMask.DRAWABLE
    | Gimp.ProcedureSensitivityMask.DRAWABLES
    | Gimp.ProcedureSensitivityMask.NO_DRAWABLES
)
"""An entry that is grey for a reason that nobody says is taken for a broken plug-in; ours says its reason."""


def procedure_name(described: Filter) -> str:
    """Return the name in GIMP's procedural database."""
    return "plug-in-softlight-" + described.name.replace("_", "-")


def create(plug_in: Gimp.PlugIn, described: Filter, folder: str) -> Gimp.ImageProcedure:
    """Make the procedure that runs a filter; `folder` is the plug-in's own."""

    def run(
        procedure: Gimp.Procedure,
        run_mode: Gimp.RunMode,
        image: Gimp.Image,
        drawables: list[Gimp.Drawable],
        config: Gimp.ProcedureConfig,
        data: object,
    ) -> Gimp.ValueArray:
        def task() -> Task:
            return Task(
                image=image,
                drawables=tuple(drawables),
                filter=described,
                settings=arguments.settings_of(config, described),
                input=config.get_property(arguments.INPUT),
                mask=config.get_property(arguments.MASK),
            )

        if run_mode == Gimp.RunMode.INTERACTIVE:
            # GIMP remembers the last values, but the faces were those of another picture.
            arguments.choose_all_faces(config, described)
        return answers.answered(
            procedure, lambda: answers.run_filter(procedure, run_mode, config, described, task, folder)
        )

    procedure = Gimp.ImageProcedure.new(
        plug_in, procedure_name(described), Gimp.PDBProcType.PLUGIN, run, None
    )
    dress(procedure, f"{in_menu(described.label)}…", described.help)
    arguments.add_arguments(procedure, described)
    answers.add_group_return_value(procedure)
    return procedure


def dress(procedure: Gimp.ImageProcedure, label: str, text: str) -> None:
    """Give a procedure its place in the menu and its documentation."""
    procedure.set_image_types(IMAGE_TYPES)
    procedure.set_sensitivity_mask(EVERY_SELECTION)
    procedure.set_menu_label(label)
    procedure.add_menu_path(MENU)
    procedure.set_documentation(text, text, None)
    procedure.set_attribution("The Softlight developers", "The Softlight developers", "2026")
