"""How Sphinx builds the manual; `python3 dev.py manual` does it."""

project = "Softlight"
author = "The Softlight developers"
copyright = author
extensions = ["myst_parser"]
# Pictures that stand beside each other are HTML in the pages, as code-hosting pages want them.
myst_enable_extensions = ["html_image"]
myst_heading_anchors = 3
exclude_patterns = [".doctrees"]

html_theme = "furo"
html_title = "Softlight"
html_copy_source = False
html_static_path = ["manual.css"]
html_css_files = ["manual.css"]
html_show_sphinx = False
# No language but Python's own has to be highlighted; commands are for people.
highlight_language = "none"
templates_path: list[str] = []
