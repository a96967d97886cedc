"""The demonstration: four made-up units, their folder, and the steps they walk together."""
