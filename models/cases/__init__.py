"""督办案件: what a regulator does about alerts, from assignment to closing."""
