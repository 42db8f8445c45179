"""事件推送: in come events of the outbox, out go signed requests to the addresses that organisations have named.

Who is told what follows from the scope and from what the record's history shows; nothing here changes any other record.
"""
