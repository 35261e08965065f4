"""De-wrinkle: wrinkles that a brush marked disappear, as a layer, and the skin keeps its pores.

Importing this package loads no numpy, so that ``softlight --help`` and the host plug-ins can read `SPEC`.
"""

from softlight.filters.dewrinkle.settings import SPEC, DewrinkleSettings, Target

__all__ = ["SPEC", "DewrinkleSettings", "Target"]
