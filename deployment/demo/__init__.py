"""The demonstration city: stand-ins of Kranj's systems, with made-up data, over their real protocols."""
