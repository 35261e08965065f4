"""The faces of a photo that a filter shall work on."""

from __future__ import annotations

from dataclasses import dataclass

from softlight.errors import MaskError, SettingsError
from softlight.faces import analysis
from softlight.faces.analysis import AnalysedFace
from softlight.filters.shared_parameters import SMALLEST_FACE
from softlight.filters.specification import ALL_FACES, face_numbers
from softlight.picture import Picture
from softlight.progress import Progress
from softlight.runtime import Runtime


@dataclass(frozen=True)
class ChosenFaces:
    """All faces of a photo, and which of them are chosen and large enough."""

    faces: tuple[AnalysedFace, ...]
    numbers: tuple[int, ...]
    """From 0, from left to right; at least one."""

    def name(self, filter_label: str, number: int) -> str:
        """Return the name of a face's layers: with its number, if there is more than one face."""
        return filter_label if len(self.faces) == 1 else f"{filter_label} {number + 1}"


def find(
    picture: Picture,
    value: str,
    runtime: Runtime,
    progress: Progress,
    *,
    subject: str,
    instead: str,
    smallest: float = SMALLEST_FACE,
) -> ChosenFaces:
    """Find the faces of a photo and choose among them.

    Parameters
    ----------
    picture : Picture
    value : str
        "all", or the faces' numbers from left to right, from 1, such as "1,3".
    runtime : Runtime
    progress : Progress
    subject : str
        What small faces are too small for: "wrinkles".
    instead : str
        What to do without a face: "paint over the wrinkles to remove them".
    smallest : float
        Px between the eyes below which a face is passed over.

    Raises
    ------
    SettingsError
        If a face is chosen that is not there.
    MaskError
        If there is no face, or only faces below `smallest`.
    """
    faces = analysis.find(picture, runtime, progress)
    if not faces:
        raise MaskError(f"No face was found in the photo; {instead}.")
    # Somebody in the background of a group is passed over; the others are worked on.
    numbers = tuple(n for n in _chosen(value, len(faces)) if faces[n].interocular >= smallest)
    if not numbers:
        raise MaskError(
            f"The faces are too small for {subject}, with less than {smallest:.0f} px between the eyes; "
            "take the photo in a larger size."
        )
    return ChosenFaces(faces, numbers)


def _chosen(value: str, count: int) -> tuple[int, ...]:
    """Return the indices of the chosen faces, from 0."""
    if value == ALL_FACES:
        return tuple(range(count))
    numbers = face_numbers(value)
    if numbers[-1] > count:
        wrong = numbers[-1]
        if count == 1:
            raise SettingsError(f"There is no face {wrong}, as the photo shows one; choose 1, or all.")
        raise SettingsError(
            f"There is no face {wrong}, as the photo shows {count}, numbered from left to right; choose "
            "among them, or all."
        )
    return tuple(number - 1 for number in numbers)
