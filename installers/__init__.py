"""How Softlight comes onto a machine."""
