"""通知: in come events of the outbox and of alerts, out go notices, one for each deed and reader, mails and calendars.

Whoever reads is found by the scope; nothing here changes a record. A further table of events is one more `Source`.
"""
