"""The person's own sheet, in easy-to-read French, as plain models.

The words follow the European rules for easy-to-read information (Inclusion Europe and Unapei, "L'information pour
tous"): short sentences of one idea, everyday words, "vous", whole dates, no abbreviation that is not explained. Those
rules also ask that people with an intellectual disability read a text over before it is called easy to read.
"""
