"""Steps that are taken against their guards, papers where they do not belong, cover that is none."""

from tests.mutants.trial import Mutant

PAPERS = ("tests/guards/test_papers.py",)
LETTER_STEPS = ("tests/modes/test_letter.py",)
FOUR_EYES = ("tests/people/test_four_eyes.py",)
FUND_STEPS = ("tests/modes/test_funds.py",)
RESERVED = (
    "tests/modes/test_reserved_text.py::test_what_was_signed_on_the_text_is_issued_with_the_texts_number_code_and_time",
)
COVERING = ("tests/modes/test_covering.py",)

STEPS = (
    Mutant(
        "a letter is prepared for any signatory",
        "models/modes/letter.py",
        "                underwriting.period_is_sound,\n                underwriting.signatory_may_sign,\n",
        "                underwriting.period_is_sound,\n",
        LETTER_STEPS,
    ),
    Mutant(
        "a letter is issued though its signatory may sign no longer",
        "models/letters/issuing.py",
        "    underwriting.signatory_may_sign,\n    underwriting.period_is_not_over,\n",
        "    underwriting.period_is_not_over,\n",
        LETTER_STEPS,
    ),
    Mutant(
        "a letter is prepared below the minimum that it was submitted under",
        "models/modes/letter.py",
        "                underwriting.covers_the_minimum_kept,\n",
        "",
        LETTER_STEPS,
    ),
    Mutant(
        "a suspended guarantor is applied to",
        "models/modes/letter.py",
        "                underwriting.guarantor_is_no_party,\n                underwriting.guarantor_takes_business,\n",
        "                underwriting.guarantor_is_no_party,\n",
        LETTER_STEPS,
    ),
    Mutant(
        "whoever prepared is offered to issue",
        "models/letters/issuing.py",
        'not_by="prepared_by_id",\n        unless="backfilled",\n        guards=(underwriting.reviewer_is_another',
        'unless="backfilled",\n        guards=(underwriting.reviewer_is_another',
        LETTER_STEPS,
    ),
    Mutant(
        "whoever prepared issues after a handover",
        "models/letters/issuing.py",
        "guards=(underwriting.reviewer_is_another_person, *_MAY_GO_OUT",
        "guards=(*_MAY_GO_OUT",
        LETTER_STEPS,
    ),
    Mutant(
        "a hand on both accounts makes two people",
        "models/two_people.py",
        "return at.hands.names_of(theirs & mine) if theirs & mine else None",
        "return None",
        FOUR_EYES,
    ),
    Mutant(
        "whose hands the inviter's own account was in is forgotten",
        "app/people/hands.py",
        "*(self.hands(person, entry.id) for",
        "*(frozenset({person}) for",
        FOUR_EYES,
    ),
    Mutant(
        "an upload is taken for the text whatever it says",
        "app/letters/inspection.py",
        "    if changed:\n        return changed\n",
        "",
        ("tests/letters/test_additions.py",),
    ),
    Mutant(
        "a text of another day is signed",
        "models/letters/issuing.py",
        "*_MAY_GO_OUT, text_is_of_today, upload_has_its_text)",
        "*_MAY_GO_OUT, upload_has_its_text)",
        ("tests/modes/test_reserved_text.py",),
    ),
    Mutant(
        "a letter is issued with another code than the text that was signed",
        "models/letters/issuing.py",
        "letter.verification_code = letter.reserved_code or at.papers.verification_code()",
        "letter.verification_code = at.papers.verification_code()",
        RESERVED,
    ),
    Mutant(
        "a letter is issued with another number than the text that was signed",
        "models/letters/issuing.py",
        "number: str = letter.reserved_no or letters.number(",
        "number: str = letters.number(",
        RESERVED,
    ),
    Mutant(
        "a file is signed before its text was given out",
        "models/letters/issuing.py",
        "text_is_of_today, upload_has_its_text)",
        "text_is_of_today)",
        ("tests/modes/test_reserved_text.py::test_an_upload_before_the_text_was_fetched_is_refused",),
    ),
    Mutant(
        "an account without the duty takes the step",
        "models/grammar/workflow.py",
        'if transition.duty not in {"", *viewer.duties} and self.absent_of(record, transition, viewer) is None:',
        "if False:",
        LETTER_STEPS,
    ),
    Mutant(
        "the other side of a record takes the step",
        "models/grammar/workflow.py",
        "return column is None or getattr(record, column) == viewer.organisation_id",
        "return True",
        LETTER_STEPS,
    ),
    Mutant(
        "an account is filed below the minimum that it was submitted under",
        "models/funds/workflow.py",
        "    there_is_money,\n    covers_the_minimum_kept,\n    division",
        "    there_is_money,\n    division",
        FUND_STEPS,
    ),
    Mutant(
        "any known kind of file is taken in any category",
        "app/files/uploads.py",
        "allowed=category.types,",
        'allowed=("pdf", "jpg", "png", "ofd", "xlsx", "docx"),',
        PAPERS,
    ),
    Mutant(
        "a file is downloaded through a record of another kind",
        "app/files/uploads.py",
        "return and_(Attachment.record_type == record.__tablename__, Attachment.record_id == record.id)",
        "return and_(Attachment.record_id == record.id)",
        PAPERS,
    ),
    Mutant(
        "a file is downloaded through another record",
        "app/files/uploads.py",
        "return and_(Attachment.record_type == record.__tablename__, Attachment.record_id == record.id)",
        "return and_(Attachment.record_type == record.__tablename__)",
        PAPERS,
    ),
    Mutant(
        "a form takes files that another account has uploaded",
        "app/files/uploads.py",
        "        & (Attachment.uploaded_by_id == viewer().user_id)\n",
        "",
        PAPERS,
    ),
    Mutant(
        "a form takes off the files of other records",
        "app/files/uploads.py",
        "Attachment.id.in_(removed), or_(hanging, staged_here), asked)",
        "Attachment.id.in_(removed), asked)",
        PAPERS,
    ),
    Mutant(
        "an unconfirmed backfill counts without a word",
        "models/letters/backfillable.py",
        "(cls.backfilled & cls.acknowledged_at.is_(None), UNACKNOWLEDGED)",
        "(cls.backfilled & cls.acknowledged_at.is_not(None), UNACKNOWLEDGED)",
        COVERING,
    ),
    Mutant(
        "an agreement that waits for its filing counts as cover",
        "models/funds/states.py",
        'LIVE = ("filed", "cleared")',
        'LIVE = ("agreed", "filed", "cleared")',
        COVERING,
    ),
    Mutant(
        "budget money counts before it is filed",
        "models/modes/fiscal.py",
        'return cls.state == "filed"',
        'return cls.state.in_(("submitted", "filed"))',
        COVERING,
    ),
    Mutant(
        "a letter does not cover on its last day",
        "models/letters/standing.py",
        "_walked(rows.ends_on) < day",
        "_walked(rows.ends_on) <= day",
        COVERING,
    ),
    Mutant(
        "a letter that was ended covers to its end",
        "models/letters/standing.py",
        "and_(rows.ended_on.is_not(None), rows.ended_on <= day)",
        "rows.ended_on < rows.ended_on",
        COVERING,
    ),
)
