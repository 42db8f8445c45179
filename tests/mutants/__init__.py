"""Seeded faults, one at a time: which of them would the tests notice?"""
