"""Devices: what ConfirmDevice takes, how a device proves itself, and what it then stands for (section S5)."""
