"""Charts as pure geometry that `charts.html` draws as inline SVG, without script or style.

Lengths along a chart are percentages of its width, heights are pixels: a chart fills whatever width it is given and its
words keep their size, on a phone and at 400 % zoom too. Series are told apart by pattern beside colour, every value
stands in words, and a value that may not be shown is said to be hidden rather than drawn as nothing.

The table with the same figures belongs right below a chart: a screen reader hears the chart's description, then that.
"""
