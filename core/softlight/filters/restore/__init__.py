"""Face restore: blurred, noisy, compressed or small faces become clear, each on its own layer."""
