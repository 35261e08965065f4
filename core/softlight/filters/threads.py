"""Parts of a picture worked on at once, in as many threads as there are processors.

numpy, OpenCV and onnxruntime let other threads run while they compute. The networks use all processors by
themselves; what lies between them would use one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from softlight.runtime.providers import physical_cores

Part = TypeVar("Part")
Result = TypeVar("Result")


def in_threads(function: Callable[[Part], Result], parts: Iterable[Part]) -> Generator[Result, None, None]:
    """Yield what `function` makes of each part, in their order.

    Parameters
    ----------
    function : callable
        Called in other threads.
    parts : iterable
        Asked for the next part when a thread is about to be free, so that only a few results wait.

    Raises
    ------
    Exception
        What `function` raises; parts that were not begun are dropped then, and when nobody asks for more.
    """
    count = physical_cores() or 2
    with ThreadPoolExecutor(count) as pool:
        begun: deque[Future[Result]] = deque()
        try:
            for part in parts:
                begun.append(pool.submit(function, part))
                if len(begun) > count:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()
