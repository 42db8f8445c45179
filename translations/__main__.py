"""`make catalogue`: brings the catalogues of all languages up to what the code says, and lists what they lack."""

import sys

from translations.catalogues import LANGUAGES, PATTERN, faults, read, update, write
from translations.texts import texts


def main() -> int:
    """Update every catalogue; 1 while one of them lacks something."""
    template = texts()
    lacking = []
    for language in LANGUAGES:
        catalogue = read(language)
        update(catalogue, template)
        write(catalogue, language)
        lacking += [f"{PATTERN.format(language)}: {fault}" for fault in faults(catalogue, template)]
    print(*lacking, f"{len(template)} texts, {len(lacking)} to be translated", sep="\n")
    return 1 if lacking else 0


sys.exit(main())
