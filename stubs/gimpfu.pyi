"""What Softlight uses of gimpfu, GIMP 2.10's Python 2.7; a test compares it with the real one.

Only names, numbers of arguments and constants: no code of GIMP's. `gimp.pyi` has the rest.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from gimp import PDB

pdb: PDB

class CancelError(RuntimeError): ...

def register(
    proc_name: str,
    blurb: str,
    help: str,
    author: str,
    copyright: str,
    date: str,
    label: str,
    imagetypes: str,
    params: Sequence[tuple[Any, ...]],
    results: Sequence[tuple[Any, ...]],
    function: Callable[..., Any],
    menu: str | None = ...,
    domain: str | None = ...,
    on_query: Callable[[], None] | None = ...,
    on_run: Callable[[], None] | None = ...,
    run_mode_param: bool = ...,
) -> None: ...
def main() -> None: ...
def _get_defaults(proc_name: str) -> Sequence[Any]: ...

PF_FLOAT: Literal[3]
PF_STRING: Literal[4]
PF_IMAGE: Literal[13]
PF_LAYER: Literal[14]
PF_DRAWABLE: Literal[16]
PF_TOGGLE: Literal[1000]
PF_SLIDER: Literal[1001]
PF_SPINNER: Literal[1002]
PF_OPTION: Literal[1013]

ADD_MASK_BLACK: Literal[1]
GRAY: Literal[1]
GRAYA_IMAGE: Literal[3]
LAYER_COLOR_SPACE_RGB_PERCEPTUAL: Literal[2]
LAYER_COMPOSITE_CLIP_TO_BACKDROP: Literal[2]
LAYER_MODE_NORMAL: Literal[28]
LAYER_MODE_NORMAL_LEGACY: Literal[0]
LAYER_MODE_PASS_THROUGH: Literal[61]
LAYER_MODE_SOFTLIGHT: Literal[45]
MASK_DISCARD: Literal[1]
PRECISION_U8_GAMMA: Literal[150]
RGBA_IMAGE: Literal[1]
