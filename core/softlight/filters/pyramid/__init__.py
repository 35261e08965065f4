"""What the filters have in common that work through the blend pyramid: Skin retouch and Garment creases."""
