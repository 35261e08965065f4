"""Between a host's plug-in and Softlight's engine: data, wire, launcher and client.

Standard library only and Python 3.8 syntax: GIMP and Krita run it in their own Python. The engine's server
uses the same modules, so that there is one definition of the wire.
"""

__version__ = "0.1.0"
