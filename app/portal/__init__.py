"""Sign-on through the government portal: what it says of a person enters, accounts that may be entered leave.

May be touched: persons of the portal, and accounts that are theirs, through the one door. No screen is known here.
"""
