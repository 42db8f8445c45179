"""Tests of the grammar in which records and screens are declared."""
