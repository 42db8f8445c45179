"""What every other room stands on: the clock, the database session, who is looking, words, refusals, numbers,
sealed secrets.

Nothing enters but the settings of the application; sessions, days, sentences and the viewer leave. The clock is read
here and nowhere else.
"""
