"""The garbage collector looks less often than Python has it; whoever starts the application imports this first.

Mappers, screens and modules are a million objects that stay: at the usual 700 new ones between two collections, a
fifth of the start of a process and a tenth of its work went into looking through them.
"""

import gc

gc.set_threshold(50_000)
