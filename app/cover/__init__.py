"""What guarantees give to a contract or permit, and what lacks of the minimum.

Contracts, accounts and days enter, sums in 元 leave. It reads, but for a new submission that follows a filed record.
"""
