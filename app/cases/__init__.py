"""Cases: in come alerts that a regulator gives out, out go its cases and what they are about; no screen is known here.

May be touched: cases and their alerts through the one door alone.
"""
