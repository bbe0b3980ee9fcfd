"""The frieze: everything that happened to a person, drawn as one line of time and told as an ordered list.

`frieze_of` turns a view into what `templates/frieze.html` draws; nothing here reads a store or knows a request.
"""
