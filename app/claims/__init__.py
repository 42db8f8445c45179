"""代偿索赔: in comes a claim, or a letter that may be claimed on; out go what is due and unpaid, what is still missing
before it can be handed in, and the demand as a paper. Nothing is changed here.
"""
