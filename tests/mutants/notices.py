"""What people are told: faults by which somebody reads too much, twice, or not at all."""

from tests.mutants.trial import Mutant

MAKING = "tests/notices/test_making.py::test_{}"
MAILS = "tests/notices/test_mails.py::test_{}"
FEED = "tests/notices/test_feed.py::test_{}"
BELL = "tests/notices/test_bell.py::test_{}"

NOTICES = (
    Mutant(
        "a reader's scope is not asked",
        "app/notices/readers.py",
        "query = scope.narrowed(select(model.id).where(model.id.in_(part)), group)",
        "query = select(model.id).where(model.id.in_(part))",
        (BELL.format("an_alert_is_told_to_those_whom_its_scope_shows_it_with_its_grade"),),
    ),
    Mutant(
        "a side is told of what its history hides",
        "app/notices/readers.py",
        "return is_read and (states is None or not in_state or in_state in states)",
        "return True",
        (MAKING.format("a_side_that_sees_a_record_late_is_not_told_what_was_said_before"),),
    ),
    Mutant(
        "whoever did it is told",
        "app/notices/readers.py",
        "if user_id not in telling.doers:",
        "if True:",
        (MAKING.format("who_keeps_both_duties_is_not_told_to_review_what_he_prepared"),),
    ),
    Mutant(
        "a deed is told again",
        "app/notices/making.py",
        ".on_conflict_do_nothing()",
        "",
        (MAKING.format("what_is_told_of_already_is_not_told_again_when_its_mark_was_lost"),),
    ),
    Mutant(
        "a job that is over keeps its place",
        "app/engine/jobs.py",
        "place = case((is_over, null()), else_=table.c.unique_key)",
        "place = table.c.unique_key",
        (MAKING.format("a_job_that_is_over_leaves_its_place_to_another"),),
    ),
    Mutant(
        "a notice is opened by anybody",
        "app/notices/bell.py",
        "mine = _notice.c.user_id == viewer().user_id",
        "mine = _notice.c.user_id > 0",
        (MAKING.format("nobody_opens_the_notice_of_somebody_else"),),
    ),
    Mutant(
        "a second sending is another mail",
        "app/notices/mails.py",
        "mail.body, mail.message_id, mail.made_at",
        'mail.body, f"<{secrets.token_hex(16)}@x>", mail.made_at',
        (MAILS.format("a_server_that_hangs_up_after_taking_it_gets_the_same_mail_again"),),
    ),
    Mutant(
        "what is refused for good is tried again",
        "app/notices/smtp.py",
        "(RefusedForGood if code in FOR_GOOD else PutOff)",
        "PutOff",
        (MAILS.format("what_is_refused_for_good_is_not_tried_again"),),
    ),
    Mutant(
        "a digest comes as often as one asks",
        "app/notices/mails.py",
        'f"digest:{user_id}:{today()}"',
        'f"digest:{user_id}:{now()}"',
        (MAILS.format("the_day_brings_one_digest_however_much_happened"),),
    ),
    Mutant(
        "a closed account's calendar stays open",
        "app/notices/feed.py",
        "who = security.viewer_of(found.user_id) if found is not None else None",
        "from models.grammar.viewer import SYSTEM\n    who = SYSTEM if found is not None else None",
        (FEED.format("a_link_ends_when_it_is_made_anew_revoked_or_its_account_closed"),),
    ),
)
