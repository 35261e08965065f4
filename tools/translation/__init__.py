"""The catalogue of translations: what goes into it, and how it is renewed, checked and compiled."""
