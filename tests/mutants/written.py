"""What is written that must not be, and what is not that must."""

from tests.mutants.trial import Mutant

SAVING = ("tests/guards/test_saving.py",)
SEALS = ("tests/guards/test_seals.py",)
CHECKS = ("tests/guards/test_checks.py",)
LETTER_STEPS = ("tests/modes/test_letter.py",)
HAPPENED = "tests/guards/test_happened.py::test_{}[sqlite]"
STORE = ("tests/letters/test_files.py",)

WRITTEN = (
    Mutant(
        "a draft is deleted without a word in its history",
        "app/engine/records.py",
        '        effects_happened(happened(record, history.DELETE, "删除", tone="gray"))\n',
        "",
        SAVING,
    ),
    Mutant(
        "a deleted draft leaves its files",
        "app/engine/records.py",
        "        uploads.drop_all(each)\n",
        "",
        SAVING,
    ),
    Mutant(
        "the id of a deleted draft is given again",
        "app/ledger/identity.py",
        "    if told > (",
        "    if told < (",
        SAVING,
    ),
    Mutant(
        "a bulk statement passes every wall",
        "app/ledger/scope.py",
        "    if state.is_update or state.is_delete:\n        _must_be_no_record(state)\n",
        "",
        SAVING,
    ),
    Mutant(
        "files are exchanged without a word in the history",
        "app/engine/records.py",
        "    if before != after:\n        also_changed(",
        "    if before == after:\n        also_changed(",
        SAVING,
    ),
    Mutant(
        "whoever gets the id of a deleted draft gets its history",
        "app/ledger/history.py",
        "        HistoryEntry.id > func.coalesce(deleted, 0),\n",
        "",
        SAVING,
    ),
    Mutant(
        "what left its author's hands is deleted",
        "app/engine/records.py",
        "if not record.deletable(viewer()):",
        "if False:",
        SAVING,
    ),
    Mutant(
        "what is under review is edited",
        "app/engine/records.py",
        "if not record.editable(viewer()):",
        "if False:",
        SAVING,
    ),
    Mutant(
        "a late edit overwrites an earlier one",
        "app/engine/records.py",
        "            raise Lost(LOST)\n        if not record.editable",
        "            pass\n        if not record.editable",
        SAVING,
    ),
    Mutant(
        "a late deletion takes what was changed meanwhile",
        "app/engine/records.py",
        "            raise Lost(LOST)\n        if not record.deletable",
        "            pass\n        if not record.deletable",
        SAVING,
    ),
    Mutant(
        "a step is taken from an old page",
        "app/engine/transitions.py",
        "if version is not None and record.version != version:",
        "if False:",
        LETTER_STEPS,
    ),
    Mutant(
        "a step that is not offered is taken",
        "app/engine/transitions.py",
        "if not workflow.offers(record, transition, at.viewer):",
        "if False:",
        LETTER_STEPS,
    ),
    Mutant(
        "a stranger's row is written by whoever got hold of it",
        "app/ledger/scope.py",
        "            if not _is_brought_about(record):\n                _must_be_visible(session, record)\n",
        "",
        SAVING,
    ),
    Mutant(
        "an effect writes what it likes of what its actor may not see",
        "app/ledger/scope.py",
        '_is_open(record) and changed <= {"state", *record.sealed}',
        "_is_open(record)",
        SAVING,
    ),
    Mutant(
        "a row is born to somebody else",
        "app/ledger/scope.py",
        '        "after_flush": _guard_births,\n',
        "",
        SAVING,
    ),
    Mutant(
        "sealed columns are open to everybody",
        "app/ledger/scope.py",
        'for name in ("state", *record.sealed_now()):',
        'for name in ("state",):',
        SEALS,
    ),
    Mutant(
        "an effect changes sealed columns of a record that it did not name",
        "app/ledger/scope.py",
        "return id(record) in (_opened.get() or ())",
        "return _opened.get() is not None",
        (HAPPENED.format("an_effect_may_not_touch_a_sealed_column_of_a_record_that_it_did_not_name"),),
    ),
    Mutant(
        "the end of a letter alone is unsealed",
        "models/modes/letter.py",
        '"starts_on", "ends_on", "ended_on", "letter_kind"',
        '"starts_on", "ended_on", "letter_kind"',
        SEALS,
    ),
    Mutant(
        "history's seal leaves out the comment",
        "app/ledger/history.py",
        '    "comment",\n',
        "",
        ("tests/guards/test_chain.py",),
    ),
    Mutant(
        "history's seal leaves out the deed",
        "app/ledger/history.py",
        'SEALED_SINCE = ("deed_id", ',
        "SEALED_SINCE = (",
        ("tests/guards/test_chain.py",),
    ),
    Mutant(
        "what a deed changes elsewhere tells nothing",
        "app/engine/happened.py",
        "rest = [record for record in deed.noted if record not in excluding]",
        "rest: list[Record] = []",
        (HAPPENED.format("an_account_tells_how_its_balance_came_about"),),
    ),
    Mutant(
        "nothing goes out to those who listen",
        "app/engine/happened.py",
        "        db.session.add_all([_outgoing(entry) for entry in entries])\n",
        "",
        (HAPPENED.format("report_account_and_outbox_name_the_same_deed"),),
    ),
    Mutant(
        "a number is used up by what is undone",
        "app/core/numbers.py",
        "    return int(db.session.execute(query).scalar_one()) - count + 1",
        "    last = int(db.session.execute(query).scalar_one())\n    db.session.commit()\n    return last - count + 1",
        ("tests/guards/test_numbers.py",),
    ),
    Mutant(
        "a letter's row is committed before its file is stored",
        "app/letters/issue.py",
        "    return store().put(_MAKERS[name](record))",
        "    import hashlib\n\n    from sqlalchemy import event\n\n    made, shelf = _MAKERS[name](record), store()\n"
        '    event.listen(db.session(), "after_commit", lambda _session: shelf.put(made), once=True)\n'
        "    return hashlib.sha256(made).hexdigest()",
        LETTER_STEPS,
    ),
    Mutant(
        "a file has its name before its content is on the disk",
        "app/files/store.py",
        "                os.fsync(stored.fileno())\n",
        "",
        STORE,
    ),
    Mutant(
        "more may be paid than a letter covers",
        "migrations/versions/0001_the_house_stands.py",
        '"paid >= 0 AND paid <= amount"',
        '"paid >= 0"',
        CHECKS,
    ),
    Mutant(
        "a report need not add up",
        "migrations/versions/0001_the_house_stands.py",
        '"opening + paid_in - paid_out = closing"',
        '"opening + paid_in - paid_out >= 0"',
        CHECKS,
    ),
)
