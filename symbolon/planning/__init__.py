"""What an alliance should be, as a file says it, and how it gets there: compare, rehearse, apply.

Each kind of thing that a file can describe is a module of `kinds`: it reads its part of the file and says
what differs on the chain. Everything else, from the order of acts to the journal, is the same for all kinds.
"""
