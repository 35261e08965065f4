"""Skin retouch, after ABPN: blemishes, uneven tone and shine go, pores and moles stay."""
