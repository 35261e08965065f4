"""Edit attributes: expression, age, sex and hair of a face, each on its own layer."""
