"""The rules of the house (docs/house.md) that a machine can check."""
