"""Parcours Hub: one continuous pathway across France Travail and Cap emploi."""
