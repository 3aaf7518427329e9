"""Recipes that make the weights again; they need the extra `train`."""
