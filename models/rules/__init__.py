"""The law that records obey: pure functions, no clock, no session, no request."""
