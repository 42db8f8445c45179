"""Supervised bank accounts: co-managed and presale funds, their life and their monthly reports (手册 2.2.1.3)."""
