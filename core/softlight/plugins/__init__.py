"""Softlight's plug-ins put into GIMP and Krita, taken out, and examined. Standard library only."""
