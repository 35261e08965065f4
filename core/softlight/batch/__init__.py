"""Many pictures by one recipe: resumable, and on several machines where they are there."""
