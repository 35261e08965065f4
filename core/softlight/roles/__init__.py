"""One function per role: what a filter asks for, whatever network fulfils it."""
