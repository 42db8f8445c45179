"""Doors that stand open: forms, passwords, sessions, links."""

from tests.mutants.trial import Mutant

SIGN_IN = "tests/app/test_signin.py::test_{}[sqlite]"
SESSIONS = "tests/app/test_sessions.py::test_{}[sqlite]"
LINKS = "tests/app/test_links.py::test_{}[sqlite]"

DOORS = (
    Mutant(
        "a form of another site is taken", "run.py", "    CSRFProtect(app)\n", "", ("tests/contract/test_visitors.py",)
    ),
    Mutant(
        "passwords may be guessed at will",
        "app/people/signin.py",
        "Lock(failures=5,",
        "Lock(failures=5000,",
        (SIGN_IN.format("the_sixth_guess_is_refused_even_with_the_right_password"),),
    ),
    Mutant(
        "one address may try every name",
        "app/people/signin.py",
        "Lock(failures=30,",
        "Lock(failures=30000,",
        (SIGN_IN.format("thirty_failures_from_one_address_close_it_for_every_name"),),
    ),
    Mutant(
        "a deactivated account signs in",
        "app/people/signin.py",
        "return outcomes.SIGNED_IN if active else outcomes.DEACTIVATED",
        "return outcomes.SIGNED_IN",
        (SIGN_IN.format("a_deactivated_account_does_not_sign_in"),),
    ),
    Mutant(
        "a session that was ended lives on",
        "app/people/sessions.py",
        "if row is None or row.ended_at is not None:",
        "if row is None:",
        (SESSIONS.format("a_cookie_cannot_be_replayed_after_sign_out"),),
    ),
    Mutant(
        "a session is idle for ever",
        "app/people/sessions.py",
        "(row.user_id and moment - row.seen_at > IDLE)",
        "False",
        (SESSIONS.format("an_idle_session_ends_after_half_an_hour"),),
    ),
    Mutant(
        "a link works as often as one likes",
        "app/people/links.py",
        "update(_table).where(*_usable(token, purpose)).values(used_at=clock.now())",
        "update(_table).where(*_usable(token, purpose)).values(used_at=None)",
        (LINKS.format("a_link_works_once"),),
    ),
)
