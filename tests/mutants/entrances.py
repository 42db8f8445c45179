"""Everyone and everything by its own door: faults by which somebody comes in, or does, what is not theirs."""

from tests.mutants.trial import Mutant

DOOR = "tests/machines/test_door.py::test_{}"
STANDING = "tests/machines/test_standing.py::test_{}"
CODES = "tests/people/test_codes_before_steps.py::test_{}"
FACTOR = "tests/people/test_second_factor.py::test_{}"
TAKING = "tests/movements/test_taking.py::test_{}"
PUSHING = "tests/webhooks/test_pushing.py::test_{}"
COVER = "tests/modes/test_cover_feed.py::test_{}"
ATTACKS = "tests/portal/test_oidc_attacks.py::test_{}"

ENTRANCES = (
    Mutant(
        "a signed request is good for any address",
        "app/machines/arrivals.py",
        "if not signing.is_bound(signed.message_id, signed.method, signed.target):",
        "if False:",
        (DOOR.format("what_was_signed_is_good_for_nothing_else"),),
    ),
    Mutant(
        "a client does what it was not granted",
        "views/api/door.py",
        "if machine is None or grant not in machine.grants:",
        "if machine is None:",
        (DOOR.format("a_client_does_only_what_it_was_granted"),),
    ),
    Mutant(
        "a machine binds its organisation",
        "models/grammar/workflow.py",
        'return self.binding or self.duty not in ("", PREPARE) or',
        'return self.duty not in ("", PREPARE) or',
        (STANDING.format("a_machine_makes_the_steps_of_this_table_and_no_other"),),
    ),
    Mutant(
        "a step that binds asks for no code",
        "app/engine/transitions.py",
        "if not transition.binding or not at.viewer.owes_code:",
        "if True:",
        (CODES.format("the_door_itself_is_shut_to_whoever_comes_past_the_forms"),),
    ),
    Mutant(
        "a one-time code works again",
        "app/people/second_factor.py",
        "newer = update(_factor).where(_factor.c.user_id == user_id, _factor.c.last_step < step)",
        "newer = update(_factor).where(_factor.c.user_id == user_id)",
        (FACTOR.format("a_code_works_once_and_none_before_it_works_after_it"),),
    ),
    Mutant(
        "a bank speaks of the account of another",
        "app/movements/taking.py",
        "if each not in own",
        "if False",
        (TAKING.format("an_account_of_another_bank_or_without_a_live_agreement_answers_as_an_unknown_one"),),
    ),
    Mutant(
        "an event goes to whoever asks for its type",
        "app/webhooks/pushing.py",
        "if each.record in visible and readers.is_told_of(",
        "if readers.is_told_of(",
        (PUSHING.format("another_companys_event_is_never_sent"),),
    ),
    Mutant(
        "a way back is any browser's",
        "app/portal/flights.py",
        'if kept is None or not secrets.compare_digest(kept.pop("browser"), _digest(of_browser)):',
        'if kept is None or not kept.pop("browser"):',
        (ATTACKS.format("a_state_of_another_browser_is_refused"),),
    ),
    Mutant(
        "a token of another flight is taken",
        "app/portal/oidc.py",
        'nonce={"essential": True, "value": flight.nonce},',
        'nonce={"essential": True},',
        (ATTACKS.format("a_token_that_says_something_wrong_is_refused"),),
    ),
    Mutant(
        "any company reads what secures every permit",
        "views/api/cover.py",
        "if not viewer().has(REGULATOR):",
        "if False:",
        (COVER.format("a_regulators_program_reads_its_regions_and_no_company_any"),),
    ),
)
