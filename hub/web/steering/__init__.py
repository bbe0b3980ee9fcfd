"""Steering pages: figures of sites and départements, never of a person.

A figures page has, in this order: its filters, which stand in its address, and in words what they come to; three or
four headline figures, each with what it compares to; charts (`hub.web.charts`), each with the table of the same figures
right below it; what each figure means; and the same rows as CSV (`french_csv`) at the page's address and `.csv`.

Counts come from a query of named figures below `hub.projections`, pass `hub.domain.disclosure` whole, whoever asks, and
only then are cut to what the reader may have (`hub.api.queries.figures.Scope`): what is shown does not depend on who
asks, so that nobody learns a small count by asking twice. A figure that may not be shown is None all the way, and the
word `HIDDEN` at the end: not "under 5", since others are hidden beside a small one.
"""
