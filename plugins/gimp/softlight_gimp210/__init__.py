"""Softlight's plug-in for GIMP 2.10: gimpfu, Python 2.7, standard library.

Python 2.7 cannot speak to the engine, so every job goes through the command line, with files in a private
folder, and with 8 bits per channel. The modules run under Python 3 too, for the tests, and keep to ASCII.
"""
