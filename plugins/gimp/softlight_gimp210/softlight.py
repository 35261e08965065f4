#!/usr/bin/env python2
"""Softlight for GIMP 2.10, beside the folder softlight_gimp210; GIMP starts this file."""

from softlight_gimp210 import plugin

plugin.main()
