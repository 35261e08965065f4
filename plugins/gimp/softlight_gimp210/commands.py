"""What the menu entries and procedures do."""

import os
from collections import namedtuple

import gimp
from gimpfu import CancelError, pdb

from softlight_gimp210 import depths, inserting, jobs, parameters, places, reading, records, starting
from softlight_gimp210.rasters import widened, write_png
from softlight_gimp210.refusals import Refusal
from softlight_gimp210.texts import for_gimp
from softlight_gimp210.translation import shown

MYPY = False
if MYPY:
    from typing import Any, Callable, Optional, Tuple, TypeVar

    from softlight_gimp210.inserting import Inserted  # noqa: F401
    from softlight_gimp210.parameters import Filter  # noqa: F401
    from softlight_gimp210.rasters import Stack  # noqa: F401

    Command = TypeVar("Command", bound=Callable[..., Any])
    Outcome = Tuple[Optional[gimp.Layer], str]

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""The plug-in's own, with filters.json and engine.json."""

STORED_ONLY, FAST = 0, 1
"""Levels of deflate: the photo is only stored, the mask is mostly empty and shrinks to nothing."""

EIGHT_BITS_ONLY = (
    "In GIMP 2.10 Softlight works with 8 bits per channel: so do the new layers, while the photo below keeps "
    "all of its own; in GIMP 3 it uses them all."
)
NOTHING = "There was nothing to change; the picture is as it was."


Task = namedtuple("Task", "image drawable filter settings input mask replaced")
"""What the user asks for; `mask` is None for whole faces, and `replaced` an earlier result that the new one
takes the place of, or None."""


def guarded(function):
    # type: (Command) -> Command
    """Let a function end as GIMP expects when it refuses: a message, and no result."""

    def call(*arguments):
        # type: (*Any) -> Any
        depths.tell_gimp()
        try:
            return function(*arguments)
        except Refusal as refusal:
            sentence = str(refusal)
        except (MemoryError, RuntimeError, EnvironmentError) as error:
            # gimpfu raises RuntimeError for whatever GIMP itself refuses.
            sentence = "GIMP could not do it (%s); the picture is as it was." % (
                for_gimp(str(error)) or "memory"
            )
        sentence = shown(sentence)
        gimp.message(sentence)
        # gimpfu closes its dialog for this one without a word; a script gets an execution error.
        raise CancelError(sentence)

    return call  # type: ignore[return-value]


@guarded
def run_filter(filter, image, drawable, *values):
    # type: (Filter, gimp.Image, gimp.Drawable, *Any) -> Outcome
    """Run a filter with a dialog's values, and return the new group, or None, and notes."""
    settings = parameters.settings_from(filter.parameters, values[:-2])
    source = parameters.chosen([value for value, _ in reading.INPUTS], values[-2], "input")
    sources = reading.masks_for(filter.brush)
    wanted = parameters.chosen([value for value, _ in sources], values[-1], "mask")
    if wanted == reading.STORED:
        replaced = _active_result(drawable)
        mask = _stored(replaced, image).mask
    else:
        replaced = None
        places.find_place(image, drawable)  # What is wrong with the layer is said before the mask is read.
        mask = reading.read_mask(image, drawable, wanted, filter.brush == "needed")
    return _run(Task(image, drawable, filter.name, settings, source, mask, replaced))


@guarded
def run_again(image, drawable):
    # type: (gimp.Image, gimp.Drawable) -> Outcome
    """Replace a result by a new one of the same filter, settings and mask."""
    group = _active_result(drawable)
    record = _stored(group, image)
    name = for_gimp(record.settings["filter"])
    return _run(Task(image, drawable, name, record.settings, record.input, record.mask, group))


@guarded
def new_brush_mask(image, drawable):
    # type: (gimp.Image, gimp.Drawable) -> gimp.Layer
    """Put a layer to paint on above the active layer."""
    place = places.find_place(image, drawable)
    layer = inserting.add_brush_mask(image, place.parent, place.position)
    gimp.displays_flush()
    return layer


@guarded
def models():
    # type: () -> None
    """Show the dialog in which models are downloaded, imported, chosen and removed."""
    command = starting.read_command(FOLDER)
    try:
        from softlight_gimp210.models_dialog import ModelsDialog
    except ImportError:
        raise Refusal("This GIMP shows no dialogs of Python; use the command 'softlight models' instead.")
    ModelsDialog(command).run()


def _run(task):
    # type: (Task) -> Outcome
    command = starting.read_command(FOLDER)
    image, size = task.image, (task.image.width, task.image.height)
    gimp.progress_init("Softlight...")

    def write_photo(path):
        # type: (str) -> None
        with reading.photo_at(_photo_place(task), task.input, *size) as photo:
            write_png(path, size, photo.channels, photo.pieces, STORED_ONLY, photo.icc)

    def write_mask(path):
        # type: (str) -> None
        write_png(path, size, 1, widened(task.mask, *size), FAST)

    def progress(done, text):
        # type: (float, str) -> None
        gimp.progress_update(done)
        pdb.gimp_progress_set_text(shown(text))

    handed_over = None if task.mask is None else write_mask
    try:
        stack = jobs.run(command, task.filter, task.settings, write_photo, handed_over, progress)
    except jobs.Misunderstood as refusal:
        raise starting.explained(refusal, command, FOLDER)
    notes = [for_gimp(note) for note in stack.notes]
    group = None
    if stack.layers:
        if not depths.has_eight_bits(image):
            notes.append(EIGHT_BITS_ONLY)
        group, said = _insert(task, stack, size)
        notes.extend(said)
    elif not notes:
        notes.append(NOTHING)
    if notes:
        gimp.message(" ".join(map(shown, notes)))
    return group, " ".join(notes)


def _photo_place(task):
    # type: (Task) -> places.Place
    if task.replaced is None:
        return places.find_place(task.image, task.drawable)
    return places.below(task.image, task.replaced)


def _insert(task, stack, size):
    # type: (Task, Stack, Tuple[int, int]) -> Inserted
    """Put a result into the image, with which the user may have gone on working meanwhile."""
    image, replaced = task.image, task.replaced
    if not pdb.gimp_image_is_valid(image):
        raise Refusal("The picture was closed meanwhile; open it again, then run the filter there.")
    if (image.width, image.height) != size:
        raise Refusal("The picture got another size meanwhile; run again.")
    if not pdb.gimp_item_is_valid(task.drawable if replaced is None else replaced):
        raise Refusal("The layer was removed meanwhile; click the photo's layer, then run again.")
    place = places.find_place(image, task.drawable) if replaced is None else places.above(image, replaced)
    record = records.Record(dict(stack.settings, filter=task.filter), task.input, size, task.mask)
    painted = [] if task.mask is None else places.brush_masks(image)
    masks = [layer for layer in painted if pdb.gimp_item_get_visible(layer)]
    inserted = inserting.insert(place, stack, record, replaced, masks)
    gimp.displays_flush()
    return inserted


def _active_result(drawable):
    # type: (Optional[gimp.Item]) -> gimp.Item
    """Return the Softlight group that is active, or that the active layer lies in."""
    group = places.enclosing_result(drawable)
    if group is None:
        raise Refusal("No Softlight group is active; click the group that shall be run again.")
    return group


def _stored(group, image):
    # type: (gimp.Item, gimp.Image) -> records.Record
    """Return how a Softlight group was made."""
    record = records.from_text(str(group.parasite_find(records.MARK).data))
    if record.picture_size != (image.width, image.height):
        raise Refusal(
            "The picture has another size than when this group was made, so that its mask does not fit; "
            "run the filter anew with a selection or a brush mask."
        )
    return record
