"""The tests of Parcours Hub."""
