from enum import IntFlag

class EventMask(IntFlag):
    BUTTON_PRESS_MASK = ...
    BUTTON_RELEASE_MASK = ...
    POINTER_MOTION_MASK = ...

class EventButton:
    button: int
    x: float

class EventMotion:
    x: float

class Rectangle:
    width: int
    height: int
