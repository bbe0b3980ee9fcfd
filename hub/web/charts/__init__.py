"""Charts as pure geometry that `charts.html` draws as inline SVG, without script or style.

Every place is a percentage and nearly every word is text of the page beside the drawing: a chart fills whatever width
it is given, and its words grow, wrap and are spaced as readers set them without covering anything. Series are told
apart by pattern beside colour, every value stands in words, and a value that may not be shown is said to be hidden
rather than drawn as nothing.

The table with the same figures belongs right below a chart: a screen reader hears the chart's description, then that.
"""
