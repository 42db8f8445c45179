"""Doors that stand open: forms, passwords, sessions, links."""

from tests.mutants.trial import Mutant

SIGN_IN = "tests/app/test_signin.py::test_{}[sqlite]"
SESSIONS = "tests/app/test_sessions.py::test_{}[sqlite]"
LONG_TEXTS = "tests/guards/test_long_texts.py"
HANDS = (
    "tests/people/test_four_eyes.py::test_two_accounts_are_two_people_only_while_no_hand_has_been_on_both[sqlite-{}]"
)
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
    Mutant(
        "the name of an account is read before it is cut",
        "models/rules/usernames.py",
        "name.strip()[:LONGEST]",
        "name.strip()",
        (f"{LONG_TEXTS}::test_the_rules_answer_a_long_text_at_once",),
    ),
    Mutant(
        "a password is read before it is measured",
        "models/rules/passwords.py",
        "    if len(password) > rules.most_length:\n        return problems\n",
        "",
        ("tests/rules/test_passwords.py::test_a_password_that_is_too_long_is_told_so_and_nothing_else_of_it",),
    ),
    Mutant(
        "signing in looks up a name of any length",
        "views/sign_in.py",
        "[*usernames.too_long(username), *rules.too_long(password)]",
        "[*rules.too_long(password)]",
        (f"{LONG_TEXTS}::test_signing_in_says_the_limit_and_tries_no_account",),
    ),
    Mutant(
        "signing in tries a password of any length",
        "views/sign_in.py",
        "[*usernames.too_long(username), *rules.too_long(password)]",
        "[*usernames.too_long(username)]",
        (f"{LONG_TEXTS}::test_signing_in_says_the_limit_and_tries_no_account",),
    ),
    Mutant(
        "who opens accounts prepares and reviews",
        "models/account.py",
        "if not administers or not (prepares or reviews):",
        "if True:",
        ("tests/people/test_accounts.py::test_who_administers_holds_no_other_duty[sqlite-prepares]",),
    ),
    Mutant(
        "who opened an account had no hand on it",
        "app/people/hands.py",
        'LAID_ON = frozenset({"create", "invite", ',
        "LAID_ON = frozenset({",
        (HANDS.format("one invited both"),),
    ),
    Mutant(
        "who made a link to an account had no hand on it",
        "app/people/hands.py",
        '"reset_link", ',
        "",
        (HANDS.format("one reset both"),),
    ),
    Mutant(
        "whose hand was on an account knows its holder",
        "models/account.py",
        "            guards=(_is_no_hand,),\n",
        "",
        (HANDS.format("the inviter's own word"),),
    ),
    Mutant(
        "a real installation starts on the published passwords",
        "app/ops/leaving.py",
        'names = [] if current_app.config["DEMO"] else _published()',
        "names: list[str] = []",
        ("tests/test_leaving.py::test_nothing_starts_while_a_demo_account_has_the_published_password[sqlite-release]",),
    ),
    Mutant(
        "any key of thirty-two signs is taken",
        "config.py",
        "if secret_keys.is_weak(given):",
        "if len(given) < secret_keys.SHORTEST:",
        ("tests/test_config.py::test_a_weak_key_is_refused_outside_the_demo",),
    ),
)
